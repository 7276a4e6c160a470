"""A database of a benchmark's own on the running PostgreSQL, with the tables and rights that services know."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

from psycopg2 import sql
from psycopg2.extensions import cursor

from bench.graph import Graph
from stack.components import postgres
from stack.environment import SERVICES
from stack.installation import Installation

ROOT = Path(__file__).resolve().parent.parent
_LINES_AT_ONCE = 2000


@contextmanager
def filled(installation: Installation, graph: Graph, *, keep: bool) -> Iterator[str]:
    """The name of a database that holds `graph`, dropped at the end unless `keep`; one that was kept is used again."""
    name = f"meton_bench_{graph.scale}"
    if not _is_whole(installation, name):
        print(f"making {graph.people:,} people and their {graph.posts:,} posts", file=sys.stderr)
        drop(installation, name)
        _make(installation, name)
        _migrate(installation, name)
        _fill(installation, name, graph)
    else:
        _migrate(installation, name)
    try:
        yield name
    finally:
        if not keep:
            drop(installation, name)


def drop(installation: Installation, name: str) -> None:
    """Remove a database, if there is one of that name."""
    with postgres.superuser(installation) as questions:
        questions.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def url(installation: Installation, role: str, name: str) -> str:
    """Where a service finds it."""
    return f"postgresql://{role}@127.0.0.1:{installation.port('postgres')}/{name}"


def _is_whole(installation: Installation, name: str) -> bool:
    """Whether it is there, and was filled to the end: then the last step has put a comment on it."""
    with postgres.superuser(installation) as questions:
        questions.execute(
            "SELECT shobj_description(oid, 'pg_database') IS NOT NULL FROM pg_database WHERE datname = %s", (name,)
        )
        found = questions.fetchone()
    return found is not None and bool(found[0])


def _make(installation: Installation, name: str) -> None:
    locale = postgres.DATABASES["meton"][2]
    roles = sql.SQL(", ").join(sql.Identifier(role) for role in SERVICES)
    with postgres.superuser(installation) as questions:
        for statement in (
            f"CREATE DATABASE {{}} OWNER meton_owner ENCODING 'UTF8' TEMPLATE template0 {locale}",
            "REVOKE ALL ON DATABASE {} FROM PUBLIC",
            "GRANT CONNECT ON DATABASE {} TO {roles}",
        ):
            questions.execute(sql.SQL(statement).format(sql.Identifier(name), roles=roles))


def _migrate(installation: Installation, name: str) -> None:
    environment = {
        **os.environ,
        "METON_DATABASE_URL": url(installation, "meton_owner", name),
        "METON_DATABASE_PASSWORD_FILE": str(installation.secret_file("db_meton_owner")),
    }
    subprocess.run([sys.executable, "-m", "db", "upgrade"], cwd=ROOT, env=environment, check=True)


def _fill(installation: Installation, name: str, graph: Graph) -> None:
    with closing(postgres.connect(installation, "postgres", name)) as session:
        session.autocommit = True
        with session.cursor() as questions:
            # the graph breaks no rule, so none is checked
            questions.execute("SET session_replication_role = replica")
            questions.execute("SET maintenance_work_mem = '256MB'")
            for table, lines in graph.tables().items():
                _copy(questions, table, lines)
            # no Keycloak is followed here, and none has ended anything
            questions.execute("UPDATE identity_cursor SET polled_at = now() + interval '10 years'")
            questions.execute("VACUUM ANALYZE")
            questions.execute(sql.SQL("COMMENT ON DATABASE {} IS 'whole'").format(sql.Identifier(name)))


def _copy(questions: cursor, table: str, lines: Iterator[str]) -> None:
    """Fill one table; its indexes are made anew afterwards, which takes a fraction of the time."""
    name = table.partition("(")[0]
    questions.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint)",
        (name,),
    )
    indexes = questions.fetchall()
    for index, _ in indexes:
        questions.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(index)))
    questions.copy_expert(f"COPY {table} FROM STDIN", _Lines(lines))
    for _, definition in indexes:
        questions.execute(definition)


class _Lines(io.RawIOBase):
    """Lines made as they are read; what psycopg2 takes for a file."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes, none at the end."""
        if not self._rest:
            self._rest = "".join(islice(self._lines, _LINES_AT_ONCE)).encode()
        said, self._rest = self._rest[:size], self._rest[size:]
        return said
