"""`meton up`: brings components up, each as soon as what it needs is ready, independent ones at the same time."""

from __future__ import annotations

import hashlib
import json
import signal
import threading
import time
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from stack import processes
from stack.components.catalog import in_order
from stack.components.component import Component, Say
from stack.files import write_private
from stack.holders import free_ports_or_trouble
from stack.installation import Installation
from stack.progress import Progress
from stack.reading import last_words
from stack.rendering import write_files
from stack.supervisor import Supervisor, base_environment
from stack.trouble import Trouble

POLL_SECONDS = 0.2
MOST_STARTS = 5  # within one `up`; one that has ended this often will not come up by waiting
ALIVE = ("STARTING", "RUNNING", "BACKOFF")  # in supervisord's words; BACKOFF: about to be tried again


@dataclass(slots=True)
class Outcome:
    """What an `up` did."""

    started: list[str] = field(default_factory=list)
    troubles: dict[str, Trouble] = field(default_factory=dict)
    seconds: float = 0.0


def bring_up(
    installation: Installation, components: dict[str, Component], known: dict[str, Component], progress: Progress
) -> Outcome:
    """Make `components` run as the checkout says now; `known` are all the supervisor should know of."""
    begun = time.monotonic()
    supervisor = Supervisor(installation)
    supervisor.ensure(in_order(known))
    up = _Up(installation, components, progress, supervisor)
    up.make_room()
    up.work()
    up.outcome.seconds = time.monotonic() - begun
    return up.outcome


class _Up:
    def __init__(
        self, installation: Installation, components: dict[str, Component], progress: Progress, supervisor: Supervisor
    ) -> None:
        self.installation = installation
        self.components = components
        self.progress = progress
        self.supervisor = supervisor
        self.outcome = Outcome()
        self.given_up = threading.Event()

    def make_room(self) -> None:
        """Stop what runs with an older configuration, end what an earlier run left, and see that the ports are free."""
        states = self.supervisor.states()
        to_start = []
        for name, component in self.components.items():
            if is_running(states, name):
                if read_stamp(self.installation, name) == stamp(self.installation, component):
                    continue
                self.progress.say(name, "stopping: its configuration or code has changed")
                self.supervisor.stop(name)
            end_leftovers(self.installation, component)
            to_start.append(component)
        free_ports_or_trouble(self.installation, to_start)

    def work(self) -> None:
        """Run every component's steps in a thread of its own and collect what went wrong."""
        with ThreadPoolExecutor(len(self.components) or 1) as threads:
            begin = threading.Event()
            futures: dict[str, Future[None]] = {}
            for name, component in self.components.items():
                futures[name] = threads.submit(self._one, component, futures, begin)
            begin.set()
            try:
                wait(futures.values())
            except KeyboardInterrupt:
                self.given_up.set()
                raise
        for name, future in futures.items():
            with suppress(CancelledError):
                try:
                    future.result()
                except Trouble as trouble:
                    self.outcome.troubles[name] = trouble

    def _one(self, component: Component, futures: dict[str, Future[None]], begin: threading.Event) -> None:
        begin.wait()
        try:
            self._bring(component, futures)
        except CancelledError:
            self.progress.failed(component.name, "not started: what it needs did not come up")
            raise
        except Trouble as trouble:
            self.progress.failed(component.name, trouble.sentence)
            raise

    def _bring(self, component: Component, futures: dict[str, Future[None]]) -> None:
        name, say = component.name, self._sayer(component.name)
        component.prepare(self.installation, say)
        for need in component.needs:
            if not futures[need].done():
                say(f"waits for {need}")
            if futures[need].exception():
                raise CancelledError
        running = is_running(self.supervisor.states(), name)
        if not running:
            self._start(component)
        self._await_ready(component)
        for title, step in component.after_start:
            say(title)
            step(self.installation)
        self.progress.done(name, "running already" if running else "ready")

    def _sayer(self, name: str) -> Say:
        return lambda text: self.progress.say(name, text)

    def _start(self, component: Component) -> None:
        installation, name = self.installation, component.name
        folder = installation.folder(name)
        write_files(installation, component)
        write_private(folder / "launch.json", json.dumps(launch(installation, component), indent=2))
        self.progress.say(name, "starting")
        self.supervisor.start(name)
        write_private(folder / "stamp", stamp(installation, component))
        self.outcome.started.append(name)

    def _await_ready(self, component: Component) -> None:
        name = component.name
        deadline = time.monotonic() + component.ready_seconds
        starts = self._starts(name)
        while missing := component.ready(self.installation):
            self.progress.say(name, f"waiting: {missing}")
            state = self.supervisor.states().get(name, {}).get("statename")
            if state not in ALIVE or self._starts(name) - starts > MOST_STARTS or time.monotonic() > deadline:
                words = last_words(self.installation, name)
                raise Trouble(
                    f"{name} is not ready ({missing})" + (f"; its log ends: {words}" if words else ""),
                    f"Read `./meton logs {name}`, then run `./meton up` again.",
                )
            if self.given_up.wait(POLL_SECONDS):
                raise CancelledError

    def _starts(self, name: str) -> int:
        record = processes.read(self.installation.folder(name) / "process.json")
        return record.starts if record else 0


def end_leftovers(installation: Installation, component: Component) -> None:
    """End what still runs of a component that supervisord does not know as running."""
    folder = installation.folder(component.name)
    record = folder / "process.json"
    processes.end(
        processes.leftovers(record, folder), signal.Signals[f"SIG{component.stop_signal}"], component.stop_seconds
    )
    record.unlink(missing_ok=True)


def is_running(states: dict[str, dict[str, object]], name: str) -> bool:
    """Whether supervisord runs this program now, or is about to again."""
    return states.get(name, {}).get("statename") in ALIVE


def launch(installation: Installation, component: Component) -> dict[str, object]:
    """What the runner is told."""
    return {
        "command": component.command(installation),
        "environment": {**base_environment(installation), **component.environment(installation)},
        "folder": str(installation.folder(component.name)),
        "stop_signal": component.stop_signal,
    }


def stamp(installation: Installation, component: Component) -> str:
    """A digest of all that makes a running component what it is; another one means: restart it."""
    digest = hashlib.sha256(json.dumps(launch(installation, component), sort_keys=True).encode())
    for name, value in sorted(component.environment(installation).items()):
        if name.endswith("_FILE") and Path(value).is_file():
            digest.update(Path(value).read_bytes())
    digest.update(json.dumps(dict(component.files(installation)), sort_keys=True).encode())
    digest.update((installation.root / "stack/locks/runtime.lock").read_bytes())
    for folder in component.code:
        for path in sorted((installation.root / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(str(path.relative_to(installation.root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def read_stamp(installation: Installation, name: str) -> str | None:
    """The stamp of the running component."""
    path: Path = installation.folder(name) / "stamp"
    return path.read_text() if path.is_file() else None
