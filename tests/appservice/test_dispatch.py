"""Working through the inbox: in order within a room, rooms beside each other, nothing twice, nothing in the way."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from sqlalchemy import select, update

from appservice.dispatch import Dispatch
from appservice.homeserver import Homeserver
from appservice.waking import set_within
from db import inbox
from db.engine import Database, Statement
from db.inbox import Entry
from db.models.conversations import Message
from db.models.inbox import Inbox
from tests.appservice import rooms
from tests.appservice.clients import Person
from tests.appservice.conftest import BehindADoor
from tests.appservice.rooms import Room
from tests.support.clones import Clone
from tests.support.waiting import eventually

ORDER = Statement(select(Message.payload_pointer).order_by(Message.id))
ROWS = Statement(select(Inbox.event_id, Inbox.done_at, Inbox.parked_at, Inbox.reason).order_by(Inbox.position))
DUE = Statement(update(Inbox).values(available_at=Inbox.received_at))


@pytest.fixture
def dispatch(own: Database, homeserver: Homeserver) -> Dispatch:
    return Dispatch(own, homeserver)


async def messages(database: Clone) -> list[str]:
    async with database.reading() as tx:
        return [row["payload_pointer"] for row in await tx.rows(ORDER)]


async def parked(database: Clone) -> list[tuple[str, str]]:
    async with database.reading() as tx:
        return [(row["event_id"], row["reason"]) for row in await tx.rows(ROWS) if row["parked_at"]]


async def finished(database: Clone) -> bool:
    async with database.reading() as tx:
        return all(row["done_at"] or row["parked_at"] for row in await tx.rows(ROWS))


async def test_messages_of_a_room_are_written_in_the_order_they_came(
    database: Clone, dispatch: Dispatch, alice: Person, bob: Person
) -> None:
    room = Room(alice, bob)
    sent = [room.message(alice if number % 2 else bob) for number in range(120)]
    await rooms.arrive(database, [*room.beginning(), *sent])
    await rooms.work(dispatch)
    assert await messages(database) == [entry.event_id for entry in sent]


async def test_several_at_once_keep_the_order_of_each_room(
    database: Clone, own: Database, homeserver: Homeserver, alice: Person, bob: Person
) -> None:
    places = [Room(alice, bob) for _ in range(5)]
    for place in places:
        await rooms.arrive(database, place.beginning())
    sent = {place.room_id: [place.message(alice) for _ in range(40)] for place in places}
    await rooms.arrive(database, [entry for row in zip(*sent.values(), strict=True) for entry in row])
    running = [Dispatch(own, homeserver) for _ in range(2)]
    tasks = [asyncio.create_task(each.run()) for each in running]

    async def all_finished() -> bool:
        return await finished(database)

    await eventually(all_finished)
    for each in running:
        each.stop()
    await asyncio.gather(*tasks)
    written = await messages(database)
    for entries in sent.values():
        expected = [entry.event_id for entry in entries]
        assert [event_id for event_id in written if event_id in set(expected)] == expected


async def test_what_cannot_be_worked_through_is_parked_with_its_reason_and_the_room_goes_on(
    database: Clone, dispatch: Dispatch, alice: Person, bob: Person
) -> None:
    room = Room(alice, bob)
    before, after = room.message(alice), room.message(bob)
    poison = Entry("$poison", room.room_id, "event", {"type": "m.room.encrypted"})
    await rooms.arrive(database, [*room.beginning(), before, poison, after])
    await rooms.work(dispatch)
    assert await messages(database) == [before.event_id, after.event_id]
    assert await parked(database) == [("$poison", "KeyError")]


async def test_a_room_that_waits_for_synapse_does_not_hold_up_others(
    database: Clone, behind_a_door: BehindADoor, alice: Person, bob: Person, charlie: Person
) -> None:
    async with behind_a_door() as (door, tools):
        dispatch = Dispatch(tools.database, tools.homeserver)
        await door.shut()
        waiting, other = Room(alice, bob), Room(bob, charlie)
        stranger = waiting.message(rooms.stranger(alice))
        held, passed = waiting.message(alice), other.message(bob)
        await rooms.arrive(database, [*waiting.beginning(), stranger, held, *other.beginning(), passed])
        await rooms.work(dispatch)
        assert await messages(database) == [passed.event_id]
        await door.open()
        async with database.transaction() as tx:
            await tx.execute(DUE)
        await rooms.work(dispatch)
        assert await messages(database) == [passed.event_id, held.event_id]
        assert await parked(database) == []


async def test_a_kill_between_effect_and_done_writes_nothing_twice(
    database: Clone, own: Database, dispatch: Dispatch, alice: Person, bob: Person
) -> None:
    room = Room(alice, bob)
    await rooms.arrive(database, [*room.beginning(), room.message(alice)])
    await rooms.work(dispatch)
    async with database.transaction() as tx:
        await tx.execute(Statement(update(Inbox).values(done_at=None)))
    await rooms.work(dispatch)
    assert len(await messages(database)) == 1
    assert len(await rooms.live(database)) == 1


async def test_a_killed_transaction_gives_its_room_back(
    database: Clone, own: Database, dispatch: Dispatch, alice: Person, bob: Person
) -> None:
    room = Room(alice, bob)
    await rooms.arrive(database, [*room.beginning(), room.message(alice)])

    async def killed() -> None:
        async with own.transaction() as tx:
            assert await inbox.take(tx, 1)
            assert not await dispatch.turn()
            tx.connection.terminate()

    async def written() -> bool:  # once PostgreSQL has noticed that nobody is there any more
        await rooms.work(dispatch)
        return len(await messages(database)) == 1

    with pytest.raises(asyncpg.InterfaceError):
        await killed()
    await eventually(written)


async def test_what_arrives_is_heard_of(database: Clone, own: Database, alice: Person, bob: Person) -> None:
    woken = asyncio.Event()
    async with own.listening(inbox.CHANNEL, lambda _: woken.set()):
        await rooms.arrive(database, Room(alice, bob).beginning())
        assert await set_within(woken, 10)
