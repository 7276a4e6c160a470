"""One command at a time changes an installation."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stack.files import private_folder
from stack.installation import Installation


@contextmanager
def alone(installation: Installation, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the installation's lock; the kernel gives it back however the command ends."""
    private_folder(installation.state)
    with (installation.state / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            say(f"another ./meton command is at work here (process {file.read().strip() or 'unknown'}); waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield
