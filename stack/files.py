"""Writing files so that a kill in between leaves the old or the new one, never half of one."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
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
    _written_beside(path, text).replace(path)
    return True


def write_private_once(path: Path, text: str) -> None:
    """The same, unless `path` exists: of many that try at the same moment one wins, and all read its content."""
    beside = _written_beside(path, text)
    with suppress(FileExistsError):
        os.link(beside, path)
    beside.unlink()


def _written_beside(path: Path, text: str) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # made at mode 0600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
