"""What the doctor finds, and says to do."""

from __future__ import annotations

import os
import socket
import time

import pytest

from stack import doctor
from stack.components import catalog, postgres
from stack.installation import Installation
from stack.status import State, look

COMPONENTS = catalog.load()


def state(health: str = "ok", problem: str | None = None, restarts: int = 0, uptime: int | None = 5000) -> State:
    return State("valkey", health, problem, 1, 1, restarts, uptime)


def findings(own: Installation, of: State) -> str:
    return "\n".join(f"{found.wrong} {found.remedy}" for found in doctor.component_findings(own, COMPONENTS, of))


def test_a_well_component_is_no_finding(own: Installation) -> None:
    assert findings(own, state()) == ""


def test_one_that_is_not_well_is_told_with_its_log(own: Installation) -> None:
    own.log("valkey").write_text("started\nERROR disk is full\nbye\n")
    said = findings(own, state("failing", "no answer on port 1"))
    assert "valkey is not well: no answer on port 1. Its log says: ERROR disk is full" in said


def test_one_that_comes_and_goes_is_told(own: Installation) -> None:
    assert "comes and goes: 4 restarts" in findings(own, state(restarts=4, uptime=20))
    assert findings(own, state(restarts=4, uptime=5000)) == ""


def test_a_stopped_one_whose_port_is_taken_names_the_holder(own: Installation) -> None:
    with socket.create_server(("127.0.0.1", own.port("valkey"))):
        said = findings(own, state("stopped", "not running", uptime=None))
    assert f"Port {own.port('valkey')} (valkey) of valkey is held by" in said
    assert f"process {os.getpid()}" in said


def test_secrets_others_can_read_are_found(own: Installation) -> None:
    own.secret_file("cursor_key").chmod(0o644)
    [found] = doctor.secrets(own)
    assert "cursor_key can be read by other users" in found.wrong
    assert found.remedy.startswith("chmod go= ")


def test_a_clock_that_went_back_is_found(own: Installation) -> None:
    own.log("valkey").touch()
    assert list(doctor.clock(own)) == []
    ahead = time.time() + 3600
    os.utime(own.log("valkey"), (ahead, ahead))
    [found] = doctor.clock(own)
    assert "behind what Meton last wrote" in found.wrong


def test_a_stack_that_does_not_run_is_one_finding(own: Installation) -> None:
    assert doctor.examine(own, COMPONENTS)[0] == doctor.Finding("Meton is not running.", "./meton up")


def test_the_running_stack_is_well(installation: Installation) -> None:
    status = look(installation, COMPONENTS)
    assert [state.name for state in status.components if state.health != "ok"] == []
    assert status.memory < 2 * 2**30


@pytest.mark.parametrize("query", [query for query, _, _ in doctor.QUEUES])
def test_the_questions_about_queues_fit_the_schema(installation: Installation, query: str) -> None:
    with postgres.superuser(installation, "meton") as cursor:
        cursor.execute(query)
