"""Bringing up, for real: supervisord, the runner and a component that is a small web server."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import psutil
import pytest
from rich.console import Console

from stack import probes, processes, programs
from stack.components.component import Component
from stack.down import erase, take_down
from stack.installation import Installation
from stack.processes import Record
from stack.progress import Progress
from stack.reading import last_words
from stack.supervisor import Supervisor
from stack.up import Outcome, bring_up
from tests.support.waiting import eventually


def web(**changes: object) -> Component:
    """Serves its folder; `changes` replace fields of the component."""
    usual = Component(
        name="web",
        ports=("gateway",),
        command=lambda i: [str(programs.PYTHON), "-m", "http.server", str(i.port("gateway")), "--bind", "127.0.0.1"],
        files=lambda _: {"page": "one"},
        ready=lambda i: probes.http_ok(f"{i.url('gateway')}/page"),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # names and types are the caller's


def second(name: str, **changes: object) -> Component:
    """Another one, on another port."""
    usual = web(
        name=name,
        ports=("social_api",),
        command=lambda i: [str(programs.PYTHON), "-m", "http.server", str(i.port("social_api")), "--bind", "127.0.0.1"],
        ready=lambda i: probes.port_answers(i.port("social_api")),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # names and types are the caller's


@dataclass
class Stage:
    """An installation and what is brought up in it."""

    installation: Installation
    components: dict[str, Component] = field(default_factory=dict)

    def up(self, *components: Component) -> Outcome:
        self.components = {component.name: component for component in components}
        with Progress([], Console(quiet=True)) as progress:
            return bring_up(self.installation, self.components, self.components, progress)

    def down(self) -> None:
        take_down(self.installation, self.components, Progress([], Console(quiet=True)))

    def record(self, name: str = "web") -> Record:
        found = processes.read(self.installation.folder(name) / "process.json")
        assert found is not None
        return found

    @property
    def supervisor(self) -> int:
        found = processes.read(Supervisor(self.installation).record)
        assert found is not None
        return found.pid


@pytest.fixture
def stage(own: Installation) -> Iterator[Stage]:
    stage = Stage(own)
    yield stage
    stage.down()


def gone(pid: int) -> Callable[[], bool]:
    return lambda: processes.born(pid) is None


async def until(condition: Callable[[], bool]) -> None:
    async def ask() -> bool | None:
        return condition() or None

    await eventually(ask, 20, every=0.05)


def test_a_component_is_up_when_it_answers(stage: Stage) -> None:
    assert stage.up(web()).started == ["web"]
    assert probes.http_ok(f"{stage.installation.url('gateway')}/page") is None


def test_a_second_up_changes_nothing(stage: Stage) -> None:
    stage.up(web())
    before = stage.record(), stage.supervisor
    assert stage.up(web()).started == []
    assert (stage.record(), stage.supervisor) == before


def test_changed_files_restart_the_component_and_not_the_others(stage: Stage) -> None:
    other = second("other")
    stage.up(web(), other)
    before = stage.record(), stage.record("other")
    assert stage.up(web(files=lambda _: {"page": "two"}), other).started == ["web"]
    assert (stage.installation.folder("web") / "page").read_text() == "two"
    assert (stage.record() == before[0], stage.record("other") == before[1]) == (False, True)


def test_one_starts_after_the_steps_of_what_it_needs(stage: Stage) -> None:
    seen: list[str] = []

    def ready(installation: Installation) -> str | None:
        seen.append("asked")
        return probes.port_answers(installation.port("social_api"))

    base = web(after_start=(("filling", lambda _: seen.append("filled")),))
    user = second("user", needs=("web",), ready=ready)
    stage.up(user, base)
    assert seen[:2] == ["filled", "asked"]


def test_one_that_does_not_come_up_is_told_with_its_last_words(stage: Stage) -> None:
    broken = web(command=lambda _: ["/bin/sh", "-c", "echo cannot read the moon; exit 3"], ready_seconds=5)
    user = web(name="user", needs=("web",), ports=())
    outcome = stage.up(broken, user)
    assert "its log ends: cannot read the moon" in outcome.troubles["web"].sentence
    assert "./meton logs web" in outcome.troubles["web"].advice
    assert outcome.started == ["web"]


async def test_a_killed_component_comes_back_by_itself(stage: Stage) -> None:
    stage.up(web())
    first = stage.record()
    os.kill(first.pid, signal.SIGKILL)
    await until(lambda: stage.record() != first and probes.http_ok(f"{stage.installation.url('gateway')}/page") is None)
    assert stage.record().starts == 2


async def test_a_killed_supervisor_leaves_nothing_running_and_up_recovers(stage: Stage) -> None:
    stage.up(web())
    first = stage.record()
    os.kill(stage.supervisor, signal.SIGKILL)
    await until(gone(first.pid))
    assert stage.up(web()).started == ["web"]
    assert stage.record().pid != first.pid


async def test_children_of_a_killed_component_do_not_hold_its_port(stage: Stage) -> None:
    serve = f"{programs.PYTHON} -m http.server $PORT --bind 127.0.0.1"
    parent = web(
        command=lambda _: ["/bin/sh", "-c", f"{serve} & wait"],
        environment=lambda i: {"PORT": str(i.port("gateway"))},
    )
    stage.up(parent)
    first = stage.record()
    [child] = psutil.Process(first.pid).children()
    os.kill(first.pid, signal.SIGKILL)
    await until(gone(child.pid))
    await until(lambda: probes.http_ok(f"{stage.installation.url('gateway')}/page") is None)


def test_down_leaves_nothing_running(stage: Stage) -> None:
    stage.up(web())
    web_process, supervisor = stage.record().pid, stage.supervisor
    stage.down()
    assert processes.born(web_process) is None
    assert processes.born(supervisor) is None
    assert not (stage.installation.sockets / "supervisor.sock").exists()


def test_erase_leaves_no_secret(stage: Stage) -> None:
    stage.up(web())
    stage.down()
    erase(stage.installation)
    assert not (stage.installation.state / "secrets").exists()


def test_a_number_given_to_somebody_else_is_left_alone(own: Installation) -> None:
    folder = own.folder("web")
    processes.keep(folder / "process.json", os.getpid())
    mine = processes.read(folder / "process.json")
    assert mine is not None
    (folder / "process.json").write_text(f'{{"pid": {mine.pid}, "born": {mine.born - 1}, "boot": "{mine.boot}"}}')
    assert processes.leftovers(folder / "process.json", folder) == []


def test_a_record_from_before_a_reboot_names_nobody(own: Installation) -> None:
    folder = own.folder("web")
    ticks = processes.born(os.getpid())
    (folder / "process.json").write_text(f'{{"pid": {os.getpid()}, "born": {ticks}, "boot": "another"}}')
    assert processes.leftovers(folder / "process.json", folder) == []


def test_the_log_is_the_components_own_and_private(stage: Stage) -> None:
    speaking = web(
        command=lambda _: ["/bin/sh", "-c", "echo hello from here; exec sleep 1000"],
        ready=lambda i: None if last_words(i, "web") == "hello from here" else "silent",
    )
    assert stage.up(speaking).troubles == {}
    assert stage.installation.log("web").stat().st_mode & 0o077 == 0
