"""Which processes are ours, told safely: a number alone may by now belong to somebody else.

A component's runner leaves a record (number, start time, boot) before it becomes the component. Standard library only:
the runner imports this on each start.
"""

from __future__ import annotations

import json
import os
import select
import signal
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Record:
    """One started process. `born` is in kernel ticks since `boot`; `starts` counts since the last deliberate start."""

    pid: int
    born: int
    boot: str
    starts: int = 1


def boot_id() -> str:
    """Which boot of the machine this is."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def born(pid: int) -> int | None:
    """When process `pid` started, in kernel ticks; None when it is gone or only its exit status is left."""
    fields = _stat(pid)
    return None if fields is None or fields[0] == "Z" else int(fields[19])


def _stat(pid: int) -> list[str] | None:
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    return text.rpartition(")")[2].split()  # from the state on: the name before it may hold anything


def read(path: Path) -> Record | None:
    """The record kept at `path`, if there is a whole one."""
    try:
        return Record(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def keep(path: Path, pid: int, starts: int = 1) -> None:
    """Record process `pid`, which must be alive."""
    ticks = born(pid)
    if ticks is None:
        raise ProcessLookupError(f"process {pid} is gone")
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(asdict(Record(pid, ticks, boot_id(), starts))))
    beside.replace(path)


def is_alive(record: Record | None) -> bool:
    """Whether the very process of the record still runs."""
    return record is not None and record.boot == boot_id() and born(record.pid) == record.born


def leftovers(path: Path, folder: Path) -> list[int]:
    """What still runs of a recorded process: itself, and members of its group that work inside `folder`."""
    record = read(path)
    if record is None or record.boot != boot_id():
        return []
    leader = born(record.pid)
    if leader is not None and leader != record.born:
        return []  # the number was given to a stranger, and with it the group
    found = [] if leader is None else [record.pid]
    for entry in PROC.iterdir():
        pid = int(entry.name) if entry.name.isdigit() else 0
        if pid not in (0, record.pid, os.getpid()) and _is_child(pid, record, folder):
            found.append(pid)
    return found


def _is_child(pid: int, record: Record, folder: Path) -> bool:
    fields = _stat(pid)
    if fields is None or fields[0] == "Z" or int(fields[2]) != record.pid or int(fields[19]) < record.born:
        return False
    try:
        return (PROC / str(pid) / "cwd").readlink().is_relative_to(folder)
    except OSError:
        return False


def end(pids: list[int], first: signal.Signals, seconds: float) -> None:
    """Ask these processes to stop, wait up to `seconds` for each, then end them for good."""
    for pid in pids:
        with suppress(ProcessLookupError):
            handle = os.pidfd_open(pid)
            try:
                signal.pidfd_send_signal(handle, first)
                if not _gone(handle, seconds):
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                    _gone(handle, 5.0)
            finally:
                os.close(handle)


def _gone(handle: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(seconds * 1000))
