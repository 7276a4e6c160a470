"""The audit log is a chain that shows every later change, even one made by the database's owner."""

from __future__ import annotations

import asyncio

import pytest

from db import audit
from db.engine import Database
from tests.db.cast import broken_off, person
from tests.support.clones import Clone


async def record(database: Database, action: str) -> None:
    async with database.transaction() as tx:
        await audit.record(tx, action, meta={"n": 1}, ip="2001:db8::1", user_agent="test")


async def first_broken(database: Database) -> int | None:
    async with database.reading() as tx:
        return await audit.first_broken(tx)


async def tamper(database: Database, sql: str) -> None:
    """What only someone with the owner's password and bad intent can do."""
    async with database.transaction() as tx:
        await tx.connection.execute("ALTER TABLE audit_logs DISABLE TRIGGER USER")
        await tx.connection.execute(sql)


async def test_what_is_recorded_is_there(database: Clone) -> None:
    alice = await person(database, "alice")
    async with (await database.as_role("social_api")).transaction() as tx:
        await audit.record(tx, "session.started", alice, {"session": "s"}, ip="127.0.0.1", user_agent="Firefox")
    async with database.reading() as tx:
        row = await tx.connection.fetchrow(
            "SELECT user_id, action, host(ip), user_agent, meta, position FROM audit_logs"
        )
    assert tuple(row) == (alice, "session.started", "127.0.0.1", "Firefox", {"session": "s"}, 1)


async def test_an_empty_chain_is_sound(database: Clone) -> None:
    assert await first_broken(database) is None


async def test_a_chain_written_by_many_at_once_is_sound_and_without_gaps(database: Clone) -> None:
    await asyncio.gather(*(record(database, f"act.{number}") for number in range(20)))
    async with broken_off(database) as tx:
        await audit.record(tx, "never.happened")
    await record(database, "the.last")
    async with database.reading() as tx:
        assert await tx.connection.fetchval("SELECT max(position) FROM audit_logs") == 21
    assert await first_broken(database) is None


async def test_the_chain_reads_the_same_in_every_time_zone(database: Clone) -> None:
    await record(database, "one")
    async with database.transaction() as tx:
        await tx.connection.execute("SET LOCAL timezone = 'Asia/Kolkata'")
        assert await audit.first_broken(tx) is None


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE audit_logs SET action = 'innocent' WHERE position = 2", 2),
        ("UPDATE audit_logs SET created_at = created_at - interval '1 s' WHERE position = 2", 2),
        ("UPDATE audit_logs SET meta = NULL WHERE position = 3", 3),
        ("DELETE FROM audit_logs WHERE position = 2", 3),
        ("DELETE FROM audit_logs WHERE position = 1", 2),
        ("UPDATE audit_logs SET hash = sha256('x') WHERE position = 1", 1),
    ],
)
async def test_a_change_shows_at_its_place(database: Clone, change: str, broken: int) -> None:
    for action in ("one", "two", "three"):
        await record(database, action)
    await tamper(database, change)
    assert await first_broken(database) == broken
