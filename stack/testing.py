"""`meton test`: everything that must hold, on a stack of its own beside a running one."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from stack import programs
from stack.components import catalog
from stack.components.component import Component
from stack.down import erase, take_down
from stack.holders import is_free
from stack.installation import Installation
from stack.locking import alone
from stack.ports import OFFSETS
from stack.progress import Progress
from stack.trouble import Trouble
from stack.up import bring_up

# below the ports that Linux gives to outgoing connections, SeaweedFS' distant one included
LOWEST, HIGHEST, STEP = 12_000, 22_000, 40
SLOWEST = 15
CHECKS = (
    ("lint", ["ruff", "check", "."]),
    ("format", ["ruff", "format", "--check", "."]),
    ("types", ["mypy"]),
    ("contracts", ["lint-imports"]),
)


PROCESSES = min(os.cpu_count() or 1, 4)
# Those that kill parts of the stack come when nothing else needs it.
RUNS = (
    ("tests", ["-m", "not faults", "-n", str(PROCESSES), "--no-loadscope-reorder"]),
    ("faults", ["-m", "faults"]),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step's end."""

    name: str
    status: int
    seconds: float


def test(installation: Installation, rest: list[str], console: Console) -> int:
    """Run every step, whatever the ones before said; the exit status of the first that failed."""
    steps = [
        _run(console, installation, name, [str(programs.PYTHON.with_name(words[0])), *words[1:]])
        for name, words in CHECKS
    ]
    steps += _tests(installation, [("tests", rest)] if rest else RUNS, console)
    console.print()
    for step in steps:
        mark = "[green]✓[/]" if step.status == 0 else "[red]✗[/]"
        console.print(
            f"{mark} {step.name:<10} {step.seconds:6.1f} s" + (f"   exit status {step.status}" if step.status else "")
        )
    return next((step.status for step in steps if step.status), 0)


def _run(
    console: Console, installation: Installation, name: str, words: list[str], environment: dict[str, str] | None = None
) -> Step:
    console.rule(name, align="left")
    begun = time.monotonic()
    done = subprocess.run(words, cwd=installation.root, env={**os.environ, **(environment or {})}, check=False)
    return Step(name, done.returncode, time.monotonic() - begun)


def _tests(installation: Installation, runs: Sequence[tuple[str, list[str]]], console: Console) -> list[Step]:
    begun = time.monotonic()
    stack = Installation(
        root=installation.root,
        state=installation.state / "test",
        port_base=free_base(),
        demo=False,
        throwaway=True,
    )
    known = catalog.load()
    with alone(stack, console.print):
        _take_away(stack, known)  # what an interrupted run left
        stack.save()
        try:
            console.rule("test stack", align="left")
            with Progress(known, console) as progress:
                outcome = bring_up(stack, known, known, progress)
            if outcome.troubles:
                for trouble in outcome.troubles.values():
                    console.print(f"[red]✗[/] {trouble}", soft_wrap=True)
                return [Step("test stack", 1, time.monotonic() - begun)]
            up = Step("test stack", 0, time.monotonic() - begun)
            where = {"METON_TEST_STATE": str(stack.state)}
            words = [str(programs.PYTHON), "-m", "pytest", f"--durations={SLOWEST}"]
            return [up, *(_run(console, stack, name, [*words, *rest], where) for name, rest in runs)]
        finally:
            _keep_logs(stack)
            _take_away(stack, known)


def free_base() -> int:
    """A base all of whose ports are free, at random so that two runs seldom want the same; Trouble when none is."""
    bases = list(range(LOWEST, HIGHEST, STEP))
    random.shuffle(bases)  # no secret
    for base in bases:
        if all(is_free(base + offset) for offset in OFFSETS.values()):
            return base
    raise Trouble(f"Between ports {LOWEST} and {HIGHEST} there is no room for a test stack.", "End what listens there.")


def _keep_logs(stack: Installation) -> None:
    """Where to look after a failure, until the next run."""
    kept = stack.state.with_name("test-logs")
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(stack.folder("logs"), kept)


def _take_away(stack: Installation, known: dict[str, Component]) -> None:
    take_down(Installation.open(stack.state, stack.root), known, Progress(known, Console(quiet=True)))
    erase(stack)
