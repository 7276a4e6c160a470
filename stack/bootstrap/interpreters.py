"""Finding a Python that is new enough, whole, and within reach of the user who is to run it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = ("python3", "python3.14", "python3.13", "python3.12", "python3.11")
FOLDERS = ("/usr/bin", "/usr/local/bin")
CHECK = "import sys, venv, ensurepip, ssl; sys.exit(sys.version_info < (3, 11))"
CHECK_SECONDS = 20


def candidates() -> Iterator[str]:
    """This Python first, then the system's, then the PATH's."""
    yield str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())
    for folder in (*FOLDERS, *os.environ.get("PATH", "").split(os.pathsep)):
        for name in NAMES:
            yield str(Path(folder, name))


def usable(path: str, user: int | None = None, group: int | None = None) -> bool:
    """Whether `path` runs (as `user` and `group`, when given), is 3.11 or newer, and can make environments."""
    extra_groups = None if user is None else ()
    try:
        done = subprocess.run(
            [path, "-I", "-c", CHECK],
            cwd="/",
            capture_output=True,
            timeout=CHECK_SECONDS,
            check=False,
            user=user,
            group=group,
            extra_groups=extra_groups,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def find(user: int | None = None, group: int | None = None) -> str | None:
    """The first usable candidate."""
    return next((path for path in dict.fromkeys(candidates()) if usable(path, user, group)), None)
