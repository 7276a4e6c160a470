"""Topic `live`: everybody an event is for gets it once, under a number of their own without gaps."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis
from sqlalchemy import bindparam, select

from db import live, outbox
from db.engine import Database, Statement
from db.models import LiveCursor, LiveEvent, Outbox
from event_worker.actors.live import announcer
from event_worker.tasks import perform
from tests.event_worker.conftest import person
from tests.support.clones import Clone

TOLD = Statement(select(LiveEvent).where(LiveEvent.user_id == bindparam("user")).order_by(LiveEvent.seq))
CURSOR = Statement(select(LiveCursor.last_seq).where(LiveCursor.user_id == bindparam("user")))
UNDONE = Statement(select(Outbox.id).where(Outbox.done_at.is_(None), Outbox.topic == "live").order_by(Outbox.id))


async def announce(database: Database, users: list[UUID], count: int = 1) -> list[str]:
    """Emit and claim `count` events for `users`; the ids of their rows."""
    async with database.transaction() as tx:
        for number in range(count):
            await live.emit(tx, "follow.created", users, {"n": number})
        entries = await outbox.claim(tx, "event_worker", count, 60)
    return [str(entry.id) for entry in entries]


async def told(database: Database, user: UUID) -> list[tuple[int, str, int]]:
    async with database.reading() as tx:
        return [(row["seq"], row["type"], row["payload"]["n"]) for row in await tx.rows(TOLD, user=user)]


async def undone(database: Database) -> int:
    async with database.reading() as tx:
        return len(await tx.rows(UNDONE))


async def test_everybody_it_is_for_gets_the_event(own: Database, database: Clone, valkey: Redis) -> None:
    alice, bob, charlie = [await person(database) for _ in range(3)]
    (row,) = await announce(own, [alice, bob])
    await perform(own, announcer(valkey), row)
    assert await told(own, alice) == await told(own, bob) == [(1, "follow.created", 0)]
    assert await told(own, charlie) == []
    assert await undone(own) == 0


async def test_twenty_events_at_once_are_numbered_without_a_gap(own: Database, database: Clone, valkey: Redis) -> None:
    alice, bob = await person(database), await person(database)
    rows = await announce(own, [alice], 10) + await announce(own, [bob, alice], 10)
    await asyncio.gather(*(perform(own, announcer(valkey), row) for row in rows))
    assert [seq for seq, _, _ in await told(own, alice)] == list(range(1, 21))
    assert [seq for seq, _, _ in await told(own, bob)] == list(range(1, 11))
    async with own.reading() as tx:
        assert await tx.value(CURSOR, user=alice) == 20


async def test_the_order_of_recipients_cannot_deadlock(own: Database, database: Clone, valkey: Redis) -> None:
    people = [await person(database) for _ in range(6)]
    rows = [(await announce(own, people[turn:] + people[:turn]))[0] for turn in range(6)]
    await asyncio.gather(*(perform(own, announcer(valkey), row) for row in rows))
    assert {len(await told(own, user)) for user in people} == {6}


async def test_a_replayed_message_tells_nothing_twice(own: Database, database: Clone, valkey: Redis) -> None:
    alice = await person(database)
    (row,) = await announce(own, [alice])
    await asyncio.gather(*(perform(own, announcer(valkey), row) for _ in range(4)))
    await perform(own, announcer(valkey), row)
    assert await told(own, alice) == [(1, "follow.created", 0)]


async def test_connections_are_woken_after_the_commit(own: Database, database: Clone, valkey: Redis) -> None:
    alice = await person(database)
    async with valkey.pubsub() as ear:
        await ear.subscribe(f"live:{alice}")
        assert (await ear.get_message(timeout=5))["type"] == "subscribe"
        (row,) = await announce(own, [alice])
        await perform(own, announcer(valkey), row)
        heard = await ear.get_message(timeout=5)
        assert heard["data"] == "1"
        assert len(await told(own, alice)) == 1


async def test_the_event_is_there_even_when_nobody_can_be_woken(own: Database, database: Clone) -> None:
    alice = await person(database)
    (row,) = await announce(own, [alice])
    async with Redis(port=1) as away:
        await perform(own, announcer(away), row)
    assert len(await told(own, alice)) == 1
    assert await undone(own) == 0


async def test_people_who_are_gone_are_left_out(own: Database, database: Clone, valkey: Redis) -> None:
    alice = await person(database)
    (row,) = await announce(own, [uuid4(), alice])
    await perform(own, announcer(valkey), row)
    assert len(await told(own, alice)) == 1
    assert await undone(own) == 0


@pytest.mark.parametrize("payload", [{}, {"type": "x", "users": ["not an id"], "payload": {}}])
async def test_what_makes_no_sense_is_given_back_with_the_reason(
    own: Database, valkey: Redis, payload: dict[str, object]
) -> None:
    async with own.transaction() as tx:
        await outbox.emit(tx, "event_worker", "live", payload)
        (entry,) = await outbox.claim(tx, "event_worker", 1, 60)
    with pytest.raises(ValueError):  # noqa: PT011 - msgspec's own words are no promise
        await perform(own, announcer(valkey), str(entry.id))
    assert await undone(own) == 1
