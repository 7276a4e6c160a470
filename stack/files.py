"""Writing files so that a kill in between leaves the old or the new one, never half of one."""

from __future__ import annotations

import os
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def private_folder(path: Path) -> Path:
    """Make `path` (with its parents) readable by its owner alone, and return it."""
    path.mkdir(parents=True, exist_ok=True)
    if path.stat().st_mode & 0o777 != PRIVATE_FOLDER:
        path.chmod(PRIVATE_FOLDER)
    return path


def write_private(path: Path, text: str) -> bool:
    """Give `path` this content at mode 0600 in one step; False when it had it already."""
    if path.is_file() and path.read_text(encoding="utf-8") == text and path.stat().st_mode & 0o777 == PRIVATE_FILE:
        return False
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    return True
