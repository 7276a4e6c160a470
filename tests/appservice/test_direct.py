"""Who become friends get ONE encrypted direct chat, whatever races and whatever is killed."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from mautrix.types import RoomID
from sqlalchemy import select

from appservice.command import Tools
from appservice.conversations.commands import open_direct
from appservice.dispatch import Dispatch
from appservice.reconcile import Reconcile
from db import outbox
from db.engine import Statement
from db.models.conversations import Conversation, ConversationParticipant
from db.models.matrix import DirectPair, MatrixRoom
from db.outbox import Entry
from tests.appservice import rooms
from tests.appservice.clients import Person
from tests.appservice.conftest import KilledAfter, KilledError, Registered
from tests.appservice.delivering import Delivering
from tests.support.clones import Clone

PAIRS = Statement(
    select(DirectPair.user_low, DirectPair.user_high, MatrixRoom.room_id, Conversation.type, Conversation.encrypted)
    .join(MatrixRoom, MatrixRoom.conversation_id == DirectPair.conversation_id)
    .join(Conversation, Conversation.id == DirectPair.conversation_id)
)
PARTICIPANTS = Statement(select(ConversationParticipant.user_id, ConversationParticipant.membership))


def accepted(one: Person, other: Person) -> dict[str, Any]:
    low, high = sorted((one.user_id, other.user_id))
    return {"user_a": str(low), "user_b": str(high)}


def command(one: Person, other: Person, attempts: int = 1) -> Entry:
    return Entry(uuid4(), "appservice", "friendship.accepted", None, accepted(one, other), None, attempts)


async def accept(database: Clone, one: Person, other: Person, *, key: str | None = None) -> None:
    async with database.transaction() as tx:
        await outbox.emit(tx, "appservice", "friendship.accepted", accepted(one, other), key=key)


async def the_pair(database: Clone) -> Any:
    async with database.reading() as tx:
        (pair,) = await tx.rows(PAIRS)
    return pair


async def test_friends_meet_in_an_encrypted_direct_chat(
    database: Clone, tools: Tools, alice: Person, bob: Person
) -> None:
    await accept(database, alice, bob)
    async with Delivering(database, tools):
        pass
    pair = await the_pair(database)
    room_id = pair["room_id"]
    assert (pair["type"], pair["encrypted"]) == ("dm", True)
    state = await alice.state(room_id)
    assert state["m.room.encryption", ""]["algorithm"] == "m.megolm.v1.aes-sha2"
    assert {person.mxid: state["m.room.member", person.mxid]["membership"] for person in (alice, bob)} == {
        alice.mxid: "join",
        bob.mxid: "join",
    }
    for person, friend in ((alice, bob), (bob, alice)):
        assert await person.client.get_account_data("m.direct") == {friend.mxid: [room_id]}


async def test_clients_show_the_friends_name_and_not_an_alias(
    database: Clone, tools: Tools, alice: Person, bob: Person
) -> None:
    await accept(database, alice, bob)
    async with Delivering(database, tools):
        pass
    state = await alice.state((await the_pair(database))["room_id"])
    assert not state.get(("m.room.canonical_alias", ""), {}).get("alias")
    assert ("m.room.name", "") not in state


async def test_twenty_acceptances_at_once_make_one_chat(
    database: Clone, tools: Tools, alice: Person, bob: Person
) -> None:
    for number in range(20):
        await accept(database, alice, bob, key=str(number))
    async with Delivering(database, tools), Delivering(database, tools):
        pass
    room_id = (await the_pair(database))["room_id"]
    assert await alice.rooms() == await bob.rooms() == [room_id]


async def test_killed_anywhere_it_makes_one_chat_in_the_end(
    database: Clone, tools: Tools, killed_after: KilledAfter, alice: Person, bob: Person
) -> None:
    requests, finished = 0, False
    while not finished:
        async with killed_after(requests) as killed:
            try:
                await open_direct(killed, command(alice, bob))
                finished = True
            except KilledError:
                requests += 1
    assert requests > 5
    await accept(database, alice, bob)
    async with Delivering(database, tools):
        pass
    room_id = (await the_pair(database))["room_id"]
    assert await alice.rooms() == await bob.rooms() == [room_id]
    for person, friend in ((alice, bob), (bob, alice)):
        assert await person.client.get_account_data("m.direct") == {friend.mxid: [room_id]}


async def test_a_chat_that_they_have_already_is_taken(
    database: Clone, tools: Tools, alice: Person, bob: Person
) -> None:
    made = await alice.make_room(bob, preset="trusted_private_chat", is_direct=True)
    await Reconcile(tools.database, tools.homeserver).compare(made)
    await rooms.work(Dispatch(tools.database, tools.homeserver))
    await accept(database, bob, alice)
    async with Delivering(database, tools):
        pass
    assert (await the_pair(database))["room_id"] == made
    assert await alice.rooms() == await bob.rooms() == [made]


async def test_a_chat_of_three_or_one_without_encryption_is_not_taken(
    database: Clone, tools: Tools, alice: Person, bob: Person, charlie: Person
) -> None:
    crowd = await alice.make_room(bob, charlie, is_direct=True)
    await Reconcile(tools.database, tools.homeserver).compare(crowd)
    await rooms.work(Dispatch(tools.database, tools.homeserver))
    await accept(database, alice, bob)
    async with Delivering(database, tools):
        pass
    assert (await the_pair(database))["room_id"] != crowd


async def test_other_direct_chats_stay_listed(database: Clone, tools: Tools, alice: Person, bob: Person) -> None:
    await alice.client.set_account_data("m.direct", {"@other:example.org": ["!other"], bob.mxid: ["!older"]})
    await accept(database, alice, bob)
    async with Delivering(database, tools):
        pass
    room_id = (await the_pair(database))["room_id"]
    assert await alice.client.get_account_data("m.direct") == {
        "@other:example.org": ["!other"],
        bob.mxid: ["!older", room_id],
    }


async def test_friends_again_find_their_chat_again(database: Clone, tools: Tools, alice: Person, bob: Person) -> None:
    await accept(database, alice, bob)
    async with Delivering(database, tools):
        pass
    room_id = (await the_pair(database))["room_id"]
    await bob.client.leave_room(RoomID(room_id))
    await accept(database, alice, bob)
    async with Delivering(database, tools):
        pass
    assert (await the_pair(database))["room_id"] == room_id
    assert await bob.rooms() == [room_id]


async def test_a_chat_that_both_have_left_is_replaced(
    database: Clone, tools: Tools, alice: Person, bob: Person
) -> None:
    await accept(database, alice, bob)
    async with Delivering(database, tools):
        pass
    dead = (await the_pair(database))["room_id"]
    for person in (alice, bob):
        await person.client.leave_room(RoomID(dead))
    await accept(database, alice, bob)
    async with Delivering(database, tools):
        pass
    alive = (await the_pair(database))["room_id"]
    assert alive != dead
    assert await alice.rooms() == await bob.rooms() == [alive]


async def test_friends_without_accounts_get_them_first(database: Clone, tools: Tools, registered: Registered) -> None:
    one, other = await registered("alice"), await registered("bob")
    effect = await open_direct(tools, command(one, other))
    async with tools.database.transaction() as tx:
        await effect(tx)
    assert await one.rooms() == await other.rooms() == [(await the_pair(database))["room_id"]]


async def test_what_happens_in_the_chat_is_its_conversations(
    database: Clone, tools: Tools, alice: Person, bob: Person
) -> None:
    await accept(database, alice, bob)
    async with Delivering(database, tools):
        pass
    room_id = (await the_pair(database))["room_id"]
    sent = await alice.send(room_id)
    await Reconcile(tools.database, tools.homeserver).compare(room_id)
    await rooms.work(Dispatch(tools.database, tools.homeserver))
    async with database.reading() as tx:
        participants = {row["user_id"]: row["membership"] for row in await tx.rows(PARTICIPANTS)}
    assert participants == {alice.user_id: "join", bob.user_id: "join"}
    (told,) = await rooms.live(database)
    assert (told["users"], told["payload"]["event_id"]) == ([str(bob.user_id)], sent)


async def test_a_command_nobody_knows_does_not_stop_the_others(
    database: Clone, tools: Tools, alice: Person, bob: Person
) -> None:
    async with database.transaction() as tx:
        await outbox.emit(tx, "appservice", "no.such_thing", {})
    await accept(database, alice, bob)
    delivering = Delivering(database, tools, ignoring="no.such_thing")
    async with delivering:
        pass
    assert await the_pair(database)
