"""The schema, brought to what the checkout says at each `up`, as the role that owns it."""

from __future__ import annotations

import os
import subprocess

from stack import programs
from stack.installation import Installation
from stack.trouble import Trouble

SECONDS = 600


def run(installation: Installation, command: str) -> subprocess.CompletedProcess[str]:
    """`python -m db COMMAND` on this installation's database."""
    environment = {
        **os.environ,
        "METON_DATABASE_URL": f"postgresql://meton_owner@127.0.0.1:{installation.port('postgres')}/meton",
        "METON_DATABASE_PASSWORD_FILE": str(installation.secret_file("db_meton_owner")),
    }
    words = [str(programs.PYTHON), "-m", "db", command]
    return subprocess.run(
        words, cwd=installation.root, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )


def upgrade(installation: Installation) -> None:
    """Bring the schema up to date; does nothing when it is."""
    done = run(installation, "upgrade")
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise Trouble(
            f"The database meton could not be migrated: {words[-1] if words else 'no reason given'}",
            "`cd` into the checkout and see `python -m db upgrade`; nothing was changed halfway.",
        )
