"""The relay passes each outbox row on to Dramatiq: bounded, in order, again when a message is lost, and never twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import redis
from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker
from sqlalchemy import bindparam, func, insert, select, update

from db import outbox, tasks
from db.engine import Database, Statement
from db.models import Outbox
from db.waiting import set_within
from event_worker.relay import FLOWS, Flow, Relay
from event_worker.tasks import Task, perform
from stack.installation import Installation
from tests.event_worker.conftest import open_broker
from tests.support.clones import Clone

ROWS = Statement(select(Outbox).order_by(Outbox.id))
LEASES_END = Statement(update(Outbox).where(Outbox.done_at.is_(None)).values(available_at=func.now()))
NOTE = Statement(insert(Outbox).values(destination="appservice", topic="noted", payload={}, key=bindparam("key")))
NOTES = Statement(select(Outbox.key).where(Outbox.topic == "noted").order_by(Outbox.id))


async def emit(database: Database, count: int, *, topic: str = "live", key: str | None = None) -> None:
    async with database.transaction() as tx:
        for number in range(count):
            await outbox.emit(tx, "event_worker", topic, {"n": number}, key=key)


def queued(broker: RedisBroker, queue: str = "event_worker") -> list[str]:
    """The outbox ids that wait in Valkey."""
    return [Message.decode(raw).args[0] for raw in broker.client.hvals(f"dramatiq:{queue}.msgs")]


async def test_every_ready_row_becomes_one_message(own: Database, broker: RedisBroker) -> None:
    await emit(own, 5)
    assert await Relay(own, broker).pass_on("event_worker") == 5
    async with own.reading() as tx:
        rows = await tx.rows(ROWS)
    assert sorted(queued(broker)) == sorted(str(row["id"]) for row in rows)
    assert all(row["done_at"] is None and row["attempts"] == 1 for row in rows)


async def test_a_message_names_its_actor_and_its_row_and_nothing_else(own: Database, broker: RedisBroker) -> None:
    await emit(own, 1)
    await Relay(own, broker).pass_on("event_worker")
    message = Message.decode(broker.client.hvals("dramatiq:event_worker.msgs")[0])
    async with own.reading() as tx:
        row = (await tx.rows(ROWS))[0]
    assert (message.queue_name, message.actor_name) == ("event_worker", "live")
    assert (message.args, message.kwargs) == ((str(row["id"]),), {})


async def test_two_relays_never_pass_on_the_same_row(
    own: Database, broker: RedisBroker, installation: Installation
) -> None:
    await emit(own, 80)
    relays = Relay(own, broker), Relay(own, open_broker(installation))
    counts = await asyncio.gather(*(relay.pass_on("event_worker") for relay in relays for _ in range(3)))
    assert sum(counts) == 80
    assert len(queued(broker)) == len(set(queued(broker))) == 80


async def test_a_lost_message_is_enqueued_again_when_its_lease_has_ended(own: Database, broker: RedisBroker) -> None:
    await emit(own, 1)
    relay = Relay(own, broker)
    await relay.pass_on("event_worker")
    before = queued(broker)
    broker.flush("event_worker")  # what a Valkey without its last second of writes looks like
    assert await relay.pass_on("event_worker") == 0, "the lease still holds"
    async with own.transaction() as tx:
        await tx.execute(LEASES_END)
    assert await relay.pass_on("event_worker") == 1
    assert queued(broker) == before


async def test_a_row_nobody_can_work_on_is_dead_with_the_reason(own: Database, broker: RedisBroker) -> None:
    await emit(own, 1, topic="no.such_topic")
    await Relay(own, broker).pass_on("event_worker")
    async with own.reading() as tx:
        row = (await tx.rows(ROWS))[0]
    assert row["failed_at"] is not None
    assert row["error"] == "event_worker has no actor for no.such_topic"
    assert queued(broker) == []


async def test_what_finds_no_room_waits_in_postgresql(own: Database, broker: RedisBroker) -> None:
    await emit(own, 5)
    relay = Relay(own, broker, {"event_worker": Flow(FLOWS["event_worker"].topics, in_flight=3, lease_seconds=60)})
    assert await relay.pass_on("event_worker") == 3
    assert await relay.pass_on("event_worker") == 0
    assert len(queued(broker)) == 3


async def test_nothing_is_claimed_while_valkey_is_away(own: Database) -> None:
    await emit(own, 1)
    away = tasks.open_broker("redis://127.0.0.1:1/0", "nobody listens on port 1")
    with pytest.raises(redis.ConnectionError):
        await Relay(own, away).pass_on("event_worker")
    async with own.reading() as tx:
        assert (await tx.rows(ROWS))[0]["attempts"] == 0


async def test_media_rows_go_to_the_media_workers_queue(own: Database, database: Clone, broker: RedisBroker) -> None:
    async with database.transaction() as tx:
        await outbox.emit(tx, "media_worker", "media.uploaded", {"media_id": "x"})
    assert await Relay(own, broker).pass_on("media_worker") == 1
    assert len(queued(broker, "media_worker")) == 1


class Noting:
    """An effect that writes a row naming its entry, so that order and number of effects can be read afterwards."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.all = asyncio.Event()
        self.done = 0

    async def __call__(self, task: Task) -> None:
        async with task.finishing() as tx:
            await tx.execute(NOTE, key=str(task.entry.payload["n"]))
        self.done += 1
        if self.done >= self.expected:
            self.all.set()


@asynccontextmanager
async def relaying(database: Database, broker: RedisBroker, effect: Noting) -> AsyncIterator[Relay]:
    """A relay and a worker that carry out `effect` for topic `live`."""
    relay = Relay(database, broker, {"event_worker": FLOWS["event_worker"]})

    async def act(outbox_id: str) -> None:
        await perform(database, effect, outbox_id)
        relay.wake()

    tasks.declare(broker, "event_worker", "live", act)
    async with tasks.working(broker, threads=4, finish_seconds=5), asyncio.TaskGroup() as group:
        group.create_task(relay.run())
        yield relay
        relay.stop()


async def notes(database: Clone) -> list[str]:
    async with database.reading() as tx:
        return [row["key"] for row in await tx.rows(NOTES)]


async def test_rows_of_one_key_are_done_one_after_another(own: Database, database: Clone, broker: RedisBroker) -> None:
    effect = Noting(8)
    async with relaying(own, broker, effect):
        await emit(own, 8, key="one")
        assert await set_within(effect.all, 20)
    assert await notes(database) == [str(number) for number in range(8)]


async def test_a_new_row_is_done_without_waiting_for_the_next_look(
    own: Database, database: Clone, broker: RedisBroker
) -> None:
    effect = Noting(1)
    async with relaying(own, broker, effect):
        await emit(own, 1)
        assert await set_within(effect.all, 1.5), "a NOTIFY wakes the relay before its poll of two seconds"


async def test_the_same_message_twice_has_one_effect(own: Database, database: Clone, broker: RedisBroker) -> None:
    await emit(own, 1)
    async with own.transaction() as tx:
        entry = (await outbox.claim(tx, "event_worker", 1, 60))[0]
    effect = Noting(1)
    await asyncio.gather(*(perform(own, effect, str(entry.id)) for _ in range(5)))
    assert await notes(database) == ["0"]


async def test_a_failed_effect_is_written_to_its_row_and_tried_again(own: Database, broker: RedisBroker) -> None:
    async def broken(_task: Task) -> None:
        raise ValueError("no luck")

    await emit(own, 1)
    async with own.transaction() as tx:
        entry = (await outbox.claim(tx, "event_worker", 1, 60))[0]
    with pytest.raises(ValueError, match="no luck"):
        await perform(own, broken, str(entry.id))
    async with own.reading() as tx:
        row = (await tx.rows(ROWS))[0]
    assert (row["error"], row["done_at"], row["failed_at"]) == ("ValueError: no luck", None, None)


async def test_an_effect_that_fails_late_leaves_nothing_behind(own: Database, database: Clone) -> None:
    async def half(task: Task) -> None:
        async with task.finishing() as tx:
            await tx.execute(NOTE, key="half")
            raise ValueError("too late")

    await emit(own, 1)
    async with own.transaction() as tx:
        entry = (await outbox.claim(tx, "event_worker", 1, 60))[0]
    with pytest.raises(ValueError, match="too late"):
        await perform(own, half, str(entry.id))
    assert await notes(database) == []
    async with own.reading() as tx:
        assert (await tx.rows(ROWS))[0]["done_at"] is None
