"""Handing the checkout's files to another user: one process reads them as root, the other writes them as that user.

Every file is compared by its content and replaced in one step, and what is gone from the checkout is deleted last:
a kill in between leaves a mixture that the next run mends.
"""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from stack.trouble import Trouble

# not the checkout's own: made by running it
LEFT_OUT = frozenset(
    {
        *(".git", ".venv", ".meton", ".meton.new", "__pycache__", "node_modules"),
        *(".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache"),
    }
)
LAST = ".meton-handed-over"  # the archive's last name: without it the reader does not know that it has seen all


def hand_over(source: Path, target: Path, become: Callable[[], None]) -> None:
    """Make `target` hold the files of `source`, written by a child that first calls `become`."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(writing)
        os._exit(_child(reading, target, become))
    os.close(reading)
    try:
        with os.fdopen(writing, "wb") as pipe:
            pack(source, pipe)
    except BrokenPipeError:
        pass  # the child said why, and its exit status tells
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status:
        raise Trouble(
            f"The checkout's files could not be copied to {target} (see above).",
            "Mend that, then run the same command again.",
        )


def _child(reading: int, target: Path, become: Callable[[], None]) -> int:
    try:
        become()
        with os.fdopen(reading, "rb") as pipe:
            unpack(pipe, target)
    except (OSError, tarfile.TarError):
        traceback.print_exc(limit=0, file=sys.stderr)
        return 1
    return 0


def pack(source: Path, pipe: IO[bytes]) -> None:
    """Write every file and link of `source` into `pipe` as a tar archive, then the closing mark."""
    with tarfile.open(fileobj=pipe, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for path in files_of(source):
            member = archive.gettarinfo(path, str(path.relative_to(source)))
            if member.issym():
                archive.addfile(member)
            elif member.isfile():
                with path.open("rb") as content:
                    archive.addfile(member, content)
        archive.addfile(tarfile.TarInfo(LAST))


def files_of(root: Path) -> Iterator[Path]:
    """Every file and link below `root` that is the checkout's own."""
    for folder, folders, names in os.walk(root):
        linked = [name for name in folders if (Path(folder) / name).is_symlink()]
        folders[:] = sorted(set(folders) - LEFT_OUT - set(linked))
        for name in sorted({*names, *linked} - LEFT_OUT):
            yield Path(folder) / name


def unpack(pipe: IO[bytes], target: Path) -> None:
    """Write what is new or different below `target`; once the closing mark is seen, delete what was not sent."""
    target.mkdir(mode=0o700, exist_ok=True)
    seen: set[Path] = set()
    complete = False
    with tarfile.open(fileobj=pipe, mode="r|") as archive:
        for member in archive:
            complete = member.name == LAST
            if not complete:
                path = target / member.name
                seen.add(path)
                _write(path, member, archive.extractfile(member) if member.isfile() else None)
    if not complete:
        raise tarfile.TarError("the archive ended early")
    for path in list(files_of(target)):
        if path not in seen:
            path.unlink()
            _remove_if_empty(path.parent, target)


def _remove_if_empty(folder: Path, top: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _write(path: Path, member: tarfile.TarInfo, content: IO[bytes] | None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    if content is None:
        beside.symlink_to(member.linkname)
    else:
        data = content.read()
        mode = 0o755 if member.mode & 0o100 else 0o644
        if (
            path.is_file()
            and not path.is_symlink()
            and path.read_bytes() == data
            and path.stat().st_mode & 0o777 == mode
        ):
            return
        beside.write_bytes(data)
        beside.chmod(mode)
    beside.replace(path)
