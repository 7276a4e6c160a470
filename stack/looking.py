"""`meton logs` and `meton psql`: windows into a component."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import NoReturn

from stack import programs
from stack.components.postgres import DATABASES
from stack.files import write_private
from stack.installation import Installation
from stack.reading import tail
from stack.supervisor import base_environment
from stack.trouble import Trouble

FOLLOW_SECONDS = 0.25


def logs(installation: Installation, name: str, *, lines: int, follow: bool) -> int:
    """Print the end of a log; with `follow` go on with what is added, across rotations, until interrupted."""
    path = installation.log(name)
    if not path.is_file():
        known = sorted(each.stem for each in path.parent.glob("*.log"))
        raise Trouble(f"There is no log of {name!r}.", f"There are: {', '.join(known) or 'none yet'}.")
    for line in tail(path, lines):
        print(line)
    if follow:
        _follow(path)
    return 0


def _follow(path: Path) -> None:
    pause = threading.Event()
    file = path.open(encoding="utf-8", errors="replace")
    file.seek(0, os.SEEK_END)
    while True:
        for line in file:
            sys.stdout.write(line)
        sys.stdout.flush()
        pause.wait(FOLLOW_SECONDS)
        if path.exists() and path.stat().st_ino != os.fstat(file.fileno()).st_ino:
            sys.stdout.write(file.read())  # its end, before going on with the new one
            file.close()
            file = path.open(encoding="utf-8", errors="replace")


def psql(installation: Installation, database: str, rest: list[str]) -> NoReturn:
    """Become psql on `database`, as the role that owns it; does not return."""
    if database not in DATABASES:
        raise Trouble(f"There is no database {database!r}.", f"There are: {', '.join(DATABASES)}.")
    role = DATABASES[database][0]
    port = installation.port("postgres")
    passwords = installation.folder("postgres") / "pgpass"
    roles = {name: owner for name, (owner, _, _) in DATABASES.items()}
    lines = [f"127.0.0.1:{port}:{name}:{owner}:{installation.secret(f'db_{owner}')}" for name, owner in roles.items()]
    write_private(passwords, "\n".join(lines) + "\n")
    terminal = {
        name: os.environ[name] for name in ("TERM", "COLUMNS", "LINES", "PAGER", "EDITOR") if name in os.environ
    }
    environment = {**base_environment(installation), **terminal, "PGPASSFILE": str(passwords)}
    program = str(programs.postgres("psql"))
    os.execve(program, [program, "-h", "127.0.0.1", "-p", str(port), "-U", role, "-d", database, *rest], environment)
