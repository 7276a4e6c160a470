"""A database of its own for each test: a fresh clone of a migrated template, on the PostgreSQL of the test stack."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Self

from psycopg2 import sql

from db.engine import Database
from db.pool import Pool
from stack.components import postgres
from stack.environment import SERVICES
from stack.installation import Installation

_numbers = itertools.count(1)


class Clone(Database):
    """The clone as its owner (`meton_owner`); `as_role` opens it with the rights of one service."""

    installation: Installation
    name: str

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self._roles: dict[str, Database] = {}

    @classmethod
    async def of(cls, installation: Installation, name: str) -> Self:
        """Open database `name` as its owner."""
        url = f"postgresql://meton_owner@127.0.0.1:{installation.port('postgres')}/{name}"
        opened = await cls.open(url, installation.secret("db_meton_owner"), name="test owner", minimum=0)
        opened.installation, opened.name = installation, name
        return opened

    def url(self, role: str = "meton_owner") -> str:
        """The address for one role, without its password."""
        return f"postgresql://{role}@127.0.0.1:{self.installation.port('postgres')}/{self.name}"

    def password(self, role: str = "meton_owner") -> str:
        """The password of one role."""
        return self.installation.secret(f"db_{role}")

    async def as_role(self, role: str) -> Database:
        """The same database as a service sees it; closed with the clone."""
        if role not in self._roles:
            self._roles[role] = await Database.open(self.url(role), self.password(role), name=f"test {role}", minimum=0)
        return self._roles[role]

    async def close(self) -> None:
        """Close every role's connections."""
        for database in self._roles.values():
            await database.close()
        await super().close()


def make(installation: Installation, name: str, template: str | None = None) -> None:
    """Make database `name`, owned by meton_owner, open to our services."""
    source = (
        sql.SQL("TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
        if template
        else sql.SQL("TEMPLATE template0 ENCODING 'UTF8' {}").format(sql.SQL(postgres.DATABASES["meton"][2]))
    )
    roles = sql.SQL(", ").join(sql.Identifier(role) for role in SERVICES)
    with postgres.superuser(installation) as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {} OWNER meton_owner {}").format(sql.Identifier(name), source))
        cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(name), roles))


def drop(installation: Installation, name: str) -> None:
    """Remove database `name`, connected or not."""
    with postgres.superuser(installation) as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def migrate(installation: Installation, name: str) -> None:
    """Bring database `name` to the newest migration, by the command that `meton up` uses."""
    environment = {
        **os.environ,
        "METON_DATABASE_URL": f"postgresql://meton_owner@127.0.0.1:{installation.port('postgres')}/{name}",
        "METON_DATABASE_PASSWORD_FILE": str(installation.secret_file("db_meton_owner")),
    }
    subprocess.run([sys.executable, "-m", "db", "upgrade"], cwd=installation.root, env=environment, check=True)


@contextmanager
def empty(installation: Installation) -> Iterator[str]:
    """The name of an empty database, dropped at the end."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    make(installation, name)
    try:
        yield name
    finally:
        drop(installation, name)


class Clones:
    """Clones of one template. While a test runs, the next one's is made and the last one's dropped."""

    def __init__(self, installation: Installation, template: str) -> None:
        self._installation = installation
        self._template = template
        self._thread = ThreadPoolExecutor(1, "clones")
        self._next = self._thread.submit(self._make)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Clone]:
        """A clone, dropped some time after the end."""
        name = await asyncio.wrap_future(self._next)
        self._next = self._thread.submit(self._make)
        try:
            opened = await Clone.of(self._installation, name)
            try:
                yield opened
            finally:
                await opened.close()
        finally:
            self._thread.submit(drop, self._installation, name)

    def close(self) -> None:
        """Drop what is left."""
        drop(self._installation, self._next.result())
        self._thread.shutdown()

    def _make(self) -> str:
        name = f"test_{os.getpid()}_{next(_numbers)}"
        make(self._installation, name, self._template)
        return name
