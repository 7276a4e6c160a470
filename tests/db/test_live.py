"""Telling people something is one row of the outbox, for event_worker to number and deliver."""

from __future__ import annotations

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
