"""`meton status`: what runs, where, how well and with how much memory."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from stack import processes
from stack.components.component import Component
from stack.installation import Installation
from stack.supervisor import Supervisor

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class State:
    """One component. `memory` in bytes, `uptime` in seconds; `problem` is None when it is well."""

    name: str
    health: str  # ok | failing | stopped
    problem: str | None
    port: int | None
    memory: int
    restarts: int
    uptime: int | None


@dataclass(frozen=True, slots=True)
class Status:
    """All components, and the whole. `cold_start`, `warm_start`: seconds the last of each took, None before one."""

    components: list[State]
    memory: int  # bytes, the supervisor included
    cold_start: float | None
    warm_start: float | None
    public_url: str

    @property
    def healthy(self) -> bool:
        """Whether every component is well."""
        return all(state.health == "ok" for state in self.components)


def look(installation: Installation, components: dict[str, Component]) -> Status:
    """Ask every component at the same time."""
    supervisor = Supervisor(installation)
    known = supervisor.states()
    with ThreadPoolExecutor(len(components)) as threads:
        states = list(threads.map(lambda c: _state(installation, c, known.get(c.name, {})), components.values()))
    record = processes.read(supervisor.record)
    own = _proportional(record.pid) if record is not None and processes.is_alive(record) else 0
    starts = read_starts(installation)
    total = own + sum(state.memory for state in states)
    return Status(states, total, starts.get("cold"), starts.get("warm"), installation.public_url)


def _state(installation: Installation, component: Component, known: dict[str, Any]) -> State:
    port = installation.port(component.ports[0]) if component.ports else None
    if known.get("statename", "STOPPED") == "STOPPED":
        return State(component.name, "stopped", "not running", port, 0, 0, None)
    problem = component.ready(installation)
    if known["statename"] != "RUNNING":
        problem = f"{known['statename'].lower()}: {known.get('spawnerr') or problem or 'restarting'}"
    record = processes.read(installation.folder(component.name) / "process.json")
    alive = record is not None and processes.is_alive(record)
    return State(
        name=component.name,
        health="failing" if problem else "ok",
        problem=problem,
        port=port,
        memory=memory_of(record.pid) if record and alive else 0,
        restarts=record.starts - 1 if record else 0,
        uptime=int(known["now"] - known["start"]) if alive else None,
    )


def memory_of(pid: int) -> int:
    """Resident bytes of a process and its children; memory they share is counted once."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    return sum(_proportional(each.pid) for each in family)


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:  # it has just ended
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


# --- how long the last starts took


def read_starts(installation: Installation) -> dict[str, float]:
    """Seconds of the last cold and the last warm start."""
    path = installation.state / "starts.json"
    return dict(json.loads(path.read_text())) if path.is_file() else {}


# --- for people and programs


def as_json(status: Status) -> str:
    """The whole as one JSON object; the same names as in the classes."""
    return json.dumps({**asdict(status), "healthy": status.healthy, "time": time.time()}, indent=2)


def show(status: Status, console: Console) -> None:
    """The whole as a table."""
    table = Table(box=None, pad_edge=False)
    for title, justify in (
        ("component", "left"),
        ("health", "left"),
        ("port", "right"),
        ("memory", "right"),
        ("restarts", "right"),
        ("up", "right"),
    ):
        table.add_column(title, justify="right" if justify == "right" else "left")
    colours = {"ok": "green", "failing": "red", "stopped": "dim"}
    for state in status.components:
        health = f"[{colours[state.health]}]{state.health}[/]" + (
            f" ({state.problem})" if state.health == "failing" else ""
        )
        memory = f"{state.memory / MEGABYTE:.0f} MB" if state.memory else ""
        table.add_row(state.name, health, str(state.port or ""), memory, str(state.restarts), duration(state.uptime))
    console.print(table)
    console.print(f"{status.public_url} · resident memory {status.memory / 2**30:.2f} GiB")
    console.print(f"last cold start {_seconds(status.cold_start)} · last warm start {_seconds(status.warm_start)}")


def duration(seconds: int | None) -> str:
    """`3 d 4 h`, `5 min 6 s`: the two largest units."""
    if seconds is None:
        return ""
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])


def _seconds(value: float | None) -> str:
    return "not yet" if value is None else f"{value:.0f} s"
