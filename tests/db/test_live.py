"""Telling people something is one row of the outbox, for event_worker to number and deliver."""

from __future__ import annotations

import pytest

from db import live, outbox
from tests.db.cast import person
from tests.support.clones import Clone


async def test_an_event_names_its_kind_its_people_and_its_payload(database: Clone) -> None:
    alice, bob = await person(database, "alice"), await person(database, "bob")
    async with (await database.as_role("social_api")).transaction() as tx:
        await live.emit(tx, "follow.created", [alice, bob], {"by": "charlie@meton"}, request_id="request-1")
    async with database.transaction() as tx:
        [entry] = await outbox.claim(tx, "event_worker", 10, 60)
    assert (entry.topic, entry.request_id) == ("live", "request-1")
    assert entry.payload == {
        "type": "follow.created",
        "users": [str(alice), str(bob)],
        "payload": {"by": "charlie@meton"},
    }


async def test_nobody_to_tell_is_nothing_to_do(database: Clone) -> None:
    async with database.transaction() as tx:
        await live.emit(tx, "media.ready", [], {})
    async with database.transaction() as tx:
        assert await outbox.claim(tx, "event_worker", 10, 60) == []


@pytest.mark.parametrize(
    ("wish", "hears"),
    [
        ("SELECT $1::uuid, $2::uuid", True),
        ("INSERT INTO blocks (blocker_id, blocked_id) VALUES ($1, $2)", False),
        ("INSERT INTO blocks (blocker_id, blocked_id) VALUES ($2, $1)", False),
        ("INSERT INTO mutes (muter_id, muted_id) VALUES ($1, $2)", False),
        ("INSERT INTO mutes (muter_id, muted_id) VALUES ($2, $1)", True),
        ("INSERT INTO mutes (muter_id, muted_id, expires_at) VALUES ($1, $2, now() + interval '1 hour')", False),
        ("INSERT INTO mutes (muter_id, muted_id, expires_at) VALUES ($1, $2, now() - interval '1 hour')", True),
        ("UPDATE users SET status = 'suspended' WHERE id = $1 AND id <> $2", False),
    ],
)
@pytest.mark.parametrize("role", ["social_api", "event_worker"])
async def test_what_somebody_does_is_told_to_nobody_who_muted_or_blocked_them(
    database: Clone, wish: str, hears: bool, role: str
) -> None:
    listener, actor, other = [await person(database, name) for name in ("alice", "bob", "charlie")]
    async with database.transaction() as tx:
        await tx.connection.execute(wish, listener, actor)
    async with (await database.as_role(role)).reading() as tx:
        told = await live.hearers(tx, actor, [listener, actor, other, other])
    assert told == sorted([listener, other] if hears else [other])
