"""People and posts for the tests of db/."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from db import people
from db.engine import Database, Transaction


async def person(database: Database, name: str) -> UUID:
    """Someone who just registered."""
    async with database.transaction() as tx:
        return await people.register(tx, f"subject-{name}", name, name.title(), f"{name}@example.org", "en")


async def befriend(database: Database, one: UUID, other: UUID, status: str = "accepted") -> None:
    """A request from `one` to `other`."""
    async with database.transaction() as tx:
        await tx.connection.execute(
            "INSERT INTO friend_requests (requester_id, receiver_id, status) VALUES ($1, $2, $3)", one, other, status
        )


class _BrokenOffError(Exception):
    pass


@asynccontextmanager
async def broken_off(database: Database) -> AsyncIterator[Transaction]:
    """A transaction that fails at its end and so leaves nothing."""
    try:
        async with database.transaction() as tx:
            yield tx
            raise _BrokenOffError
    except _BrokenOffError:
        return
