"""What happens in rooms, as conversations, their participants and the metadata of messages."""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from appservice.dispatch import Dispatch
from appservice.homeserver import Homeserver
from db.engine import Database, Statement
from db.models.conversations import Conversation, ConversationParticipant, Message
from db.models.inbox import Inbox
from db.models.matrix import MatrixRoom
from db.models.people import User
from tests.appservice import rooms
from tests.appservice.clients import Person
from tests.appservice.rooms import Room
from tests.appservice.test_metadata import SENTINEL
from tests.support.clones import Clone

CONVERSATIONS = Statement(select(*Conversation.__table__.columns).order_by(Conversation.id))
PARTICIPANTS = Statement(select(*ConversationParticipant.__table__.columns))
MESSAGES = Statement(select(*Message.__table__.columns).order_by(Message.created_at))
ROOMS = Statement(select(*MatrixRoom.__table__.columns).order_by(MatrixRoom.created_at))


class Heard:
    """The inbox of a test, and what was written down."""

    def __init__(self, database: Clone, dispatch: Dispatch) -> None:
        self.database = database
        self.dispatch = dispatch

    async def of(self, *entries: Any) -> None:
        await rooms.arrive(self.database, entries)
        await rooms.work(self.dispatch)

    async def rows(self, statement: Statement) -> list[dict[str, Any]]:
        async with self.database.reading() as tx:
            return [dict(row) for row in await tx.rows(statement)]

    async def conversation(self) -> dict[str, Any]:
        (only,) = await self.rows(CONVERSATIONS)
        return only

    async def participants(self) -> dict[Any, dict[str, Any]]:
        return {row["user_id"]: row for row in await self.rows(PARTICIPANTS)}

    async def messages(self) -> list[dict[str, Any]]:
        return await self.rows(MESSAGES)


@pytest.fixture
def heard(database: Clone, own: Database, homeserver: Homeserver) -> Heard:
    return Heard(database, Dispatch(own, homeserver))


async def test_a_room_made_in_a_client_becomes_a_conversation(heard: Heard, alice: Person, bob: Person) -> None:
    room = Room(alice, bob)
    await heard.of(*room.beginning(), room.state("m.room.name", alice, {"name": "Chess"}))
    conversation = await heard.conversation()
    assert (conversation["type"], conversation["title"], conversation["encrypted"]) == ("group", "Chess", True)
    assert conversation["last_message_at"] is None
    participants = await heard.participants()
    assert {user: (row["membership"], row["role"]) for user, row in participants.items()} == {
        alice.user_id: ("join", "owner"),
        bob.user_id: ("join", "member"),
    }
    (place,) = await heard.rows(ROOMS)
    assert (place["room_id"], place["encrypted"], place["current"]) == (room.room_id, True, True)


async def test_a_direct_invitation_makes_a_dm_and_a_third_person_a_group(
    heard: Heard, alice: Person, bob: Person, charlie: Person
) -> None:
    room = Room(alice, bob, direct=True)
    await heard.of(*room.beginning())
    assert (await heard.conversation())["type"] == "dm"
    await heard.of(room.member(charlie, "invite", by=alice))
    assert (await heard.conversation())["type"] == "group"


async def test_a_space_is_no_conversation(heard: Heard, alice: Person) -> None:
    await heard.of(Room(alice).state("m.room.create", alice, {"type": "m.space"}))
    assert await heard.rows(CONVERSATIONS) == []


async def test_memberships_are_followed(heard: Heard, alice: Person, bob: Person) -> None:
    room = Room(alice)
    await heard.of(*room.beginning())
    for membership in ("knock", "invite", "join", "leave", "ban", "leave", "invite", "join"):
        await heard.of(room.member(bob, membership, by=alice))
        row = (await heard.participants())[bob.user_id]
        assert row["membership"] == membership
        assert (row["left_at"] is not None) == (membership in {"leave", "ban"})


async def test_of_an_encrypted_message_nobody_knows_the_kind(heard: Heard, alice: Person, bob: Person) -> None:
    room = Room(alice, bob)
    sent = room.message(alice, body=SENTINEL, msgtype="m.image", info={"mimetype": "image/png"})
    await heard.of(*room.beginning(), sent)
    (message,) = await heard.messages()
    assert message["payload_pointer"] == sent.event_id
    assert message["sender_id"] == alice.user_id
    assert (message["mime_type"], message["msg_type"], message["event_type"]) == (None, None, "m.room.encrypted")
    assert (await heard.conversation())["last_message_at"] == message["created_at"]
    assert SENTINEL not in str(await heard.rows(Statement(select(Inbox.event))))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"msgtype": "m.text", "body": SENTINEL}, (None, "text")),
        (
            {"msgtype": "m.file", "body": SENTINEL, "info": {"mimetype": "application/pdf"}},
            ("application/pdf", "media"),
        ),
        ({"msgtype": "org.example.custom"}, (None, "text")),
    ],
)
async def test_of_a_readable_message_the_kind_is_known(
    heard: Heard, alice: Person, content: dict[str, Any], kind: tuple[str | None, str]
) -> None:
    room = Room(alice)
    await heard.of(room.state("m.room.create", alice, {}), room.event("m.room.message", alice, content))
    (message,) = await heard.messages()
    assert (message["mime_type"], message["msg_type"]) == kind


async def test_everybody_else_who_is_in_the_room_is_told_of_a_message(
    heard: Heard, database: Clone, alice: Person, bob: Person, charlie: Person
) -> None:
    room = Room(alice, bob)
    sent = room.message(alice)
    await heard.of(*room.beginning(), room.member(charlie, "invite", by=alice), sent)
    (event,) = await rooms.live(database)
    (message,) = await heard.messages()
    assert event["users"] == [str(bob.user_id)]
    assert event["payload"] == {
        "conversation_id": str(message["conversation_id"]),
        "message_id": str(message["id"]),
        "room_id": room.room_id,
        "event_id": sent.event_id,
        "sender": str(alice.user_id),
        "sent_at": message["created_at"].isoformat().replace("+00:00", "Z"),
    }


async def test_an_edit_is_no_message_of_its_own_and_a_reply_says_to_what(
    heard: Heard, alice: Person, bob: Person
) -> None:
    room = Room(alice, bob)
    first = room.message(alice)
    edit = room.message(alice, **{"m.relates_to": {"rel_type": "m.replace", "event_id": first.event_id}})
    reply = room.message(bob, **{"m.relates_to": {"m.in_reply_to": {"event_id": first.event_id}}})
    await heard.of(*room.beginning(), first, edit, reply)
    assert [(row["payload_pointer"], row["relates_to"]) for row in await heard.messages()] == [
        (first.event_id, None),
        (reply.event_id, first.event_id),
    ]


async def test_a_redaction_marks_the_message(heard: Heard, alice: Person) -> None:
    room = Room(alice)
    sent = room.message(alice)
    await heard.of(*room.beginning(), sent, room.event("m.room.redaction", alice, {"redacts": sent.event_id}))
    (message,) = await heard.messages()
    assert message["redacted_at"] is not None


async def test_a_message_found_again_after_its_redaction_is_marked_and_announced_to_nobody(
    heard: Heard, database: Clone, alice: Person, bob: Person
) -> None:
    room = Room(alice, bob)
    found = room.event("m.room.encrypted", alice, {}, unsigned={"redacted_because": {}})
    await heard.of(*room.beginning(), found)
    (message,) = await heard.messages()
    assert message["redacted_at"] is not None
    assert await rooms.live(database) == []


async def test_a_receipt_moves_the_read_cursor_forwards_only(heard: Heard, alice: Person, bob: Person) -> None:
    room = Room(alice, bob)
    first, second = room.message(alice), room.message(alice)
    early = room.receipt(bob, first)
    await heard.of(*room.beginning(), first, second, room.receipt(bob, second))
    await heard.of(early)
    messages = {row["payload_pointer"]: row["id"] for row in await heard.messages()}
    row = (await heard.participants())[bob.user_id]
    assert (row["read_event_id"], row["last_read_message_id"]) == (second.event_id, messages[second.event_id])


async def test_who_writes_has_read_what_is_above(heard: Heard, alice: Person, bob: Person) -> None:
    room = Room(alice, bob)
    answer = room.message(bob)
    await heard.of(*room.beginning(), room.message(alice), answer)
    assert (await heard.participants())[bob.user_id]["read_event_id"] == answer.event_id


async def test_state_that_was_lost_and_found_again_does_not_undo_newer_state(
    heard: Heard, alice: Person, bob: Person
) -> None:
    room = Room(alice, bob)
    lost = [room.member(bob, "leave"), room.state("m.room.name", alice, {"name": "old"})]
    newer = [room.member(bob, "join"), room.state("m.room.name", alice, {"name": "new"})]
    await heard.of(*room.beginning(), *newer)
    await heard.of(*lost)
    assert (await heard.participants())[bob.user_id]["membership"] == "join"
    assert (await heard.conversation())["title"] == "new"


async def test_everything_again_changes_nothing(heard: Heard, database: Clone, alice: Person, bob: Person) -> None:
    room = Room(alice, bob, direct=True)
    sent = room.message(alice)
    await heard.of(*room.beginning(), sent, room.receipt(bob, sent))
    before = [await heard.rows(statement) for statement in (CONVERSATIONS, PARTICIPANTS, MESSAGES, ROOMS)]
    async with database.transaction() as tx:
        await tx.execute(Statement(update(Inbox).values(done_at=None)))
    await heard.of()
    assert [await heard.rows(statement) for statement in (CONVERSATIONS, PARTICIPANTS, MESSAGES, ROOMS)] == before
    assert len(await rooms.live(database)) == 1


async def test_messages_of_accounts_that_are_nobodys_are_left_out(heard: Heard, alice: Person) -> None:
    room = Room(alice)
    await heard.of(*room.beginning(), room.message(rooms.stranger(alice)), room.message(alice))
    assert [row["sender_id"] for row in await heard.messages()] == [alice.user_id]


async def test_a_person_first_seen_in_a_room_is_registered(heard: Heard, alice: Person) -> None:
    username, subject = f"dora-{uuid4().hex[:8]}", str(uuid4())
    dora = dataclasses.replace(alice, mxid=f"@{username}:{alice.homeserver.server_name}")
    await alice.homeserver.make_account(dora.mxid, subject, "Dora D")
    room = Room(alice)
    await heard.of(*room.beginning(), room.message(dora))
    (user,) = await heard.rows(
        Statement(select(User.id, User.connect_id, User.display_name).filter_by(subject=subject))
    )
    assert (user["connect_id"], user["display_name"]) == (f"{username}@meton", "Dora D")
    assert [row["sender_id"] for row in await heard.messages()] == [user["id"]]


async def test_a_conversation_goes_on_in_the_room_that_replaces_its_own(
    heard: Heard, alice: Person, bob: Person
) -> None:
    old, new = Room(alice, bob, direct=True), Room(alice)
    first, second = old.message(alice), new.message(alice)
    await heard.of(*old.beginning(), first)
    kept = (await heard.conversation())["id"]
    create, *rest = new.beginning()
    upgraded = new.state("m.room.create", alice, {"predecessor": {"room_id": old.room_id}})
    tombstone = old.state("m.room.tombstone", alice, {"replacement_room": new.room_id})
    await heard.of(upgraded, *rest, tombstone, second, old.member(alice, "leave"))
    assert (await heard.conversation())["id"] == kept
    assert [row["payload_pointer"] for row in await heard.messages()] == [first.event_id, second.event_id]
    participants = await heard.participants()
    assert participants[alice.user_id]["membership"] == "join"
    assert participants[bob.user_id]["membership"] == "leave"
    assert [(row["room_id"], row["current"]) for row in await heard.rows(ROOMS)] == [
        (old.room_id, False),
        (new.room_id, True),
    ]
    assert create.room_id == new.room_id


@pytest.mark.parametrize("claim", ["predecessor", "tombstone"])
async def test_a_conversation_is_not_taken_over_by_a_room_that_alone_says_so(
    heard: Heard, alice: Person, bob: Person, claim: str
) -> None:
    private, mallory = Room(alice), Room(bob)
    predecessor = {"predecessor": {"room_id": private.room_id}} if claim == "predecessor" else {}
    await heard.of(*private.beginning(), mallory.state("m.room.create", bob, predecessor), mallory.member(bob, "join"))
    if claim == "tombstone":
        await heard.of(mallory.state("m.room.tombstone", bob, {"replacement_room": private.room_id}))
    assert len(await heard.rows(CONVERSATIONS)) == 2
    assert all(row["current"] for row in await heard.rows(ROOMS))
