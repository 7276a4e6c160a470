"""From a bare Python to `python -m stack`: the right machine, user and packages. Standard library only."""

from __future__ import annotations

import os
import platform
import sys
import time
from pathlib import Path
from typing import NoReturn

from stack import words
from stack.bootstrap import owner, packages
from stack.trouble import Trouble

ROOT = Path(__file__).resolve().parent.parent.parent
# these make the environment; the others only use one that is there
MAKERS = frozenset({"up", "demo", "test", "bench"})


def start(arguments: list[str]) -> int:
    """Check, become the right user, install what is missing, then become `python -m stack`; else the exit status."""
    command = words.parse(arguments).command
    os.environ.setdefault("METON_BEGUN", str(time.time()))  # so that `up` can say how long all of it took
    try:
        check_platform(sys.platform, platform.machine(), platform.libc_ver()[0])
        if os.geteuid() == 0:
            return owner.run_as_own_user(ROOT, arguments, command)
        owner.refuse_foreign_state(ROOT)
        if command in MAKERS:
            packages.ensure(ROOT, with_tests=command == "test")
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. Run the same command again: it goes on where it stopped.", file=sys.stderr)
        return 130
    python = packages.python_of(ROOT)
    if not python.exists():
        print("Nothing is installed here yet. Start with: ./meton up")
        return 0 if command in ("down", "reset") else 1
    return _become_stack(python, arguments)


def _become_stack(python: Path, arguments: list[str]) -> NoReturn:
    os.chdir(ROOT)
    os.execve(python, [str(python), "-m", "stack", *arguments], {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})


def check_platform(system: str, machine: str, libc: str) -> None:
    """Raise Trouble on machines for which the locked packages bring no programs."""
    if (system, machine, libc) != ("linux", "x86_64", "glibc"):
        raise Trouble(
            f"Meton runs natively on Linux x86-64 with glibc; this is {system} {machine} {libc or 'without glibc'}.",
            "On other machines use the container images: see compose.yaml.",
        )
