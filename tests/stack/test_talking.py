"""Progress, logs and status in words."""

from __future__ import annotations

import fcntl
import io
import json
import os

import pytest
from rich.console import Console

from stack import looking, measuring, probes
from stack.installation import Installation
from stack.locking import alone
from stack.probes import reason
from stack.progress import Progress
from stack.reading import last_words, tail
from stack.status import duration
from stack.trouble import Trouble


def test_without_a_terminal_each_step_is_one_line_and_percents_do_not_flood() -> None:
    said = io.StringIO()
    with Progress(["keycloak"], Console(file=said, width=120)) as progress:
        for percent in range(100):
            progress.say("keycloak", f"downloading, {percent} %")
        progress.say("keycloak", "building")
        progress.done("keycloak", "ready")
    lines = said.getvalue().splitlines()
    assert [line.split("  ")[1].split(" (")[0] for line in lines] == ["downloading, 0 %", "building", "ready"]


def test_on_a_terminal_it_is_a_live_table() -> None:
    said = io.StringIO()
    console = Console(file=said, force_terminal=True, width=120)
    with Progress(["postgres", "keycloak"], console) as progress:
        progress.done("postgres", "ready")
    assert "✓" in said.getvalue()
    assert "keycloak" in said.getvalue()


def test_last_words_are_the_last_that_matter(own: Installation) -> None:
    own.log("synapse").write_text("fine\nFATAL: no room\nshutting down\n\n")
    assert last_words(own, "synapse") == "FATAL: no room"
    assert last_words(own, "never") == ""


def test_a_tail_of_a_large_log_reads_only_its_end(own: Installation) -> None:
    own.log("synapse").write_text("\n".join(str(number) for number in range(100_000)))
    assert tail(own.log("synapse"), 2) == ["99998", "99999"]


def test_logs_of_an_unknown_name_list_the_known(own: Installation) -> None:
    own.log("valkey").touch()
    with pytest.raises(Trouble) as told:
        looking.logs(own, "mongodb", lines=1, follow=False)
    assert "valkey" in told.value.advice


def test_psql_knows_its_databases(own: Installation) -> None:
    with pytest.raises(Trouble, match="There is no database 'oracle'"):
        looking.psql(own, "oracle", [])


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, ""), (0, "0 s"), (61, "1 min 1 s"), (3600, "1 h"), (90_061, "1 d 1 h")]
)
def test_durations_are_their_two_largest_units(seconds: int | None, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"wrong": {"database": "away"}}, "database: away"),
        ({"ok": False, "wrong": ["late", "slow"]}, "late, slow"),
        ({"status": "ok"}, None),
        ([1], None),
    ],
)
def test_a_health_document_says_what_is_wrong(document: object, words: str | None) -> None:
    assert reason(json.dumps(document).encode()) == words


def test_a_port_nobody_answers_is_named(own: Installation) -> None:
    assert probes.port_answers(own.port("s3")) == f"no answer on port {own.port('s3')}"


def test_an_unknown_benchmark_is_named(own: Installation) -> None:
    with pytest.raises(Trouble, match="There is no benchmark 'warp'"):
        measuring.bench(own, "warp", Console(file=io.StringIO()), as_json=True)


def test_two_commands_do_not_meet(own: Installation) -> None:
    said: list[str] = []
    with alone(own, said.append):
        pid = os.fork()
        if pid == 0:  # the other one would wait; it only looks
            with (own.state / "lock").open() as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os._exit(7)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    assert said == []
