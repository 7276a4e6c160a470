"""`python -m db upgrade | check | sql`: migrate, verify, or print the schema.

METON_DATABASE_URL names the owner's database; its password is METON_DATABASE_PASSWORD or in the file
METON_DATABASE_PASSWORD_FILE.
"""

from __future__ import annotations

import argparse
import sys

from environs import EnvError, FileAwareEnv
from sqlalchemy.exc import SQLAlchemyError

from db import migrate


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m db", description=__doc__)
    parser.add_argument("command", choices=("upgrade", "check", "sql"))
    chosen = parser.parse_args(arguments).command
    try:
        return _run(chosen)
    except (EnvError, migrate.MigrationError) as error:
        print(error, file=sys.stderr)
    except SQLAlchemyError as error:
        print(f"PostgreSQL refused: {error}", file=sys.stderr)
    return 1


def _run(chosen: str) -> int:
    if chosen == "sql":
        print(migrate.offline_sql())
        return 0
    env = FileAwareEnv(prefix="METON_")
    url, password = env.str("DATABASE_URL"), env.str("DATABASE_PASSWORD")
    if chosen == "upgrade":
        migrate.upgrade(url, password)
        return 0
    found = migrate.differences(url, password)
    for difference in found:
        print(difference)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
