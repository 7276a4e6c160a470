"""What got lost between Synapse and us is found again."""

from __future__ import annotations

import pytest
from mautrix.errors import MatrixConnectionError
from sqlalchemy import select, update

from appservice.command import Tools
from appservice.dispatch import Dispatch
from appservice.reconcile import Reconcile
from db.engine import Statement
from db.models.conversations import Message
from db.models.inbox import Inbox
from db.models.matrix import MatrixAccount, MatrixRoom
from tests.appservice import rooms
from tests.appservice.clients import Person
from tests.appservice.conftest import BehindADoor, Registered
from tests.appservice.delivering import Delivering
from tests.support.clones import Clone

MESSAGES = Statement(select(Message.payload_pointer).order_by(Message.created_at))
KINDS = Statement(select(Inbox.event["type"].astext))
ACCOUNTS = Statement(select(MatrixAccount.mxid))
PLACES = Statement(select(MatrixRoom.reconciled_to, MatrixRoom.reconciled_at))


@pytest.fixture
def reconcile(tools: Tools) -> Reconcile:
    return Reconcile(tools.database, tools.homeserver)


async def messages(database: Clone, tools: Tools) -> list[str]:
    await rooms.work(Dispatch(tools.database, tools.homeserver))
    async with database.reading() as tx:
        return [row["payload_pointer"] for row in await tx.rows(MESSAGES)]


async def test_a_room_nobody_told_us_of_is_found(
    database: Clone, tools: Tools, reconcile: Reconcile, alice: Person, bob: Person
) -> None:
    room_id = await alice.make_room(bob)
    sent = [await alice.send(room_id) for _ in range(3)]
    assert await reconcile.round() > len(sent)
    found = await messages(database, tools)
    assert [event_id for event_id in found if event_id in sent] == sent
    assert await reconcile.round() == 0


async def test_messages_that_got_lost_in_between_are_found(
    database: Clone, tools: Tools, reconcile: Reconcile, alice: Person
) -> None:
    room_id = await alice.make_room()
    first = await alice.send(room_id)
    await reconcile.compare(room_id)
    assert await messages(database, tools) == [first]
    lost, known = await alice.send(room_id), await alice.send(room_id)
    history, _ = await tools.homeserver.history(room_id, None, 100)
    await rooms.arrive_raw(database, [event for event in history if event["event_id"] == known])
    assert await messages(database, tools) == [first, known]
    assert await reconcile.compare(room_id) == 1
    assert await messages(database, tools) == [first, lost, known]


async def test_a_room_whose_creation_got_lost_is_begun_with_what_it_is_now(
    database: Clone, tools: Tools, alice: Person, bob: Person
) -> None:
    room_id = await alice.make_room(bob, name="Chess")
    await bob.join(room_id)
    sent = await alice.send(room_id)
    history, _ = await tools.homeserver.history(room_id, None, 100)
    await rooms.arrive_raw(database, [event for event in history if event["event_id"] == sent])
    assert await messages(database, tools) == [sent]
    (told,) = await rooms.live(database)
    assert told["users"] == [str(bob.user_id)]


async def test_of_a_room_that_is_no_conversation_nothing_is_written(
    database: Clone, tools: Tools, reconcile: Reconcile, alice: Person
) -> None:
    space = await alice.make_room(creation_content={"type": "m.space"}, encrypted=False, preset="public_chat")
    await alice.send(space, "m.room.message", {"msgtype": "m.text", "body": "in a space"})
    await reconcile.compare(space)
    assert await messages(database, tools) == []


async def test_what_is_settled_is_not_read_again(
    database: Clone, tools: Tools, reconcile: Reconcile, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appservice.reconcile.PAGE", 5)
    monkeypatch.setattr("appservice.reconcile.SETTLED_MS", -60_000)
    room_id = await alice.make_room()
    for _ in range(12):
        await alice.send(room_id)
    await reconcile.compare(room_id)
    await rooms.work(Dispatch(tools.database, tools.homeserver))
    assert await reconcile.compare(room_id) == 0
    async with database.reading() as tx:
        (place,) = await tx.rows(PLACES)
    assert place["reconciled_to"] is not None
    events, _ = await tools.homeserver.history(room_id, place["reconciled_to"], 100)
    assert len(events) < 5


async def test_a_place_that_synapse_does_not_know_any_more_is_forgotten(
    database: Clone, tools: Tools, reconcile: Reconcile, alice: Person
) -> None:
    room_id = await alice.make_room()
    await reconcile.compare(room_id)
    await messages(database, tools)
    async with database.transaction() as tx:
        await tx.execute(Statement(update(MatrixRoom).values(reconciled_to="from another server")))
    sent = await alice.send(room_id)
    assert await reconcile.compare(room_id, "from another server") == 1
    assert await messages(database, tools) == [sent]


async def test_no_content_comes_with_what_is_found(
    database: Clone, tools: Tools, reconcile: Reconcile, alice: Person
) -> None:
    room_id = await alice.make_room(encrypted=False, preset="public_chat")
    await alice.send(room_id, "m.room.message", {"msgtype": "m.text", "body": "the sentinel"})
    await reconcile.compare(room_id)
    async with database.reading() as tx:
        rows = await tx.rows(Statement(select(Inbox.event)))
    assert rows
    assert "the sentinel" not in str([dict(row) for row in rows])


async def test_people_whose_account_was_forgotten_get_it(
    database: Clone, tools: Tools, reconcile: Reconcile, registered: Registered
) -> None:
    alice = await registered("alice")
    async with database.transaction() as tx:
        await tx.execute(rooms.FORGET_COMMANDS)
    await reconcile.round()
    await reconcile.round()
    async with Delivering(database, tools):
        pass
    async with database.reading() as tx:
        assert alice.mxid in [row["mxid"] for row in await tx.rows(ACCOUNTS)]


async def test_while_synapse_is_away_it_says_so(behind_a_door: BehindADoor) -> None:
    async with behind_a_door() as (door, tools):
        await door.shut()
        with pytest.raises(MatrixConnectionError):
            await Reconcile(tools.database, tools.homeserver).round()
