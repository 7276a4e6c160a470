"""What Synapse itself refuses in encrypted rooms (synapse-config/meton_policy), whoever asks."""

from __future__ import annotations

from typing import Any

import pytest
from mautrix.errors import MForbidden
from mautrix.types import EventID, RoomID

from tests.appservice.clients import CIPHERTEXT, Person

READABLE: list[tuple[str, dict[str, Any]]] = [
    ("m.room.message", {"msgtype": "m.text", "body": "hello"}),
    ("m.room.message", {"msgtype": "m.image", "body": "cat.png", "url": "mxc://example.org/cat"}),
    ("m.sticker", {"body": "cat", "url": "mxc://example.org/cat", "info": {}}),
    ("m.poll.start", {"m.text": "tea or coffee?"}),
    ("org.example.custom", {"text": "hello"}),
    ("m.room.encrypted", {"body": "hello"}),
    ("m.room.encrypted", {**CIPHERTEXT, "algorithm": "org.example.rot13"}),
    ("m.room.encrypted", {**CIPHERTEXT, "body": "hello", "msgtype": "m.text"}),
    ("m.room.encrypted", {**CIPHERTEXT, "org.example.note": "hello"}),
    ("m.room.encrypted", {**CIPHERTEXT, "ciphertext": "hello, these are words"}),
    ("m.room.encrypted", {**CIPHERTEXT, "m.relates_to": {"m.new_content": {"body": "hello"}}}),
]


@pytest.fixture
async def room_id(alice: Person) -> str:
    return await alice.make_room()


async def test_what_can_be_read_is_refused(alice: Person, room_id: str) -> None:
    for kind, content in READABLE:
        with pytest.raises(MForbidden, match="This room is encrypted: messages that are not encrypted are refused"):
            await alice.send(room_id, kind, content)


@pytest.mark.parametrize("kind", ["m.room.message", "m.room.encrypted", "org.example.custom"])
async def test_state_is_not_made_to_carry_messages(alice: Person, room_id: str, kind: str) -> None:
    with pytest.raises(MForbidden, match="This room is encrypted"):
        await alice.set_state(room_id, kind, {"msgtype": "m.text", "body": "hello"})


async def test_what_belongs_to_a_room_may_be_named_in_clear(alice: Person, room_id: str) -> None:
    await alice.set_state(room_id, "m.room.name", {"name": "tea"})
    await alice.set_state(room_id, "org.example.widget", {"url": "https://example.org/"})


async def test_answers_and_threads_pass(alice: Person, room_id: str) -> None:
    sent = await alice.send(room_id)
    answer = {"rel_type": "m.thread", "event_id": sent, "is_falling_back": True, "m.in_reply_to": {"event_id": sent}}
    await alice.send(room_id, "m.room.encrypted", {**CIPHERTEXT, "m.relates_to": answer})


async def test_reactions_are_not_made_to_carry_messages(alice: Person, room_id: str) -> None:
    reaction = {"rel_type": "m.annotation", "event_id": await alice.send(room_id), "key": "👍"}
    long = {**reaction, "key": "hello, and so on, " * 20}
    for content in ({"body": "hello", "m.relates_to": reaction}, {"m.relates_to": long}):
        with pytest.raises(MForbidden, match="This room is encrypted"):
            await alice.send(room_id, "m.reaction", content)


async def test_ciphertext_reactions_and_redactions_pass(alice: Person, room_id: str) -> None:
    sent = await alice.send(room_id)
    await alice.send(
        room_id, "m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": sent, "key": "👍"}}
    )
    await alice.client.redact(RoomID(room_id), EventID(sent))


async def test_a_room_is_strict_from_the_moment_it_is_encrypted(alice: Person) -> None:
    room_id = await alice.make_room(encrypted=False, preset="public_chat")
    await alice.send(room_id, "m.room.message", {"msgtype": "m.text", "body": "hello"})
    await alice.set_state(room_id, "m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})
    with pytest.raises(MForbidden):
        await alice.send(room_id, "m.room.message", {"msgtype": "m.text", "body": "hello"})


async def test_encryption_cannot_be_turned_off(alice: Person, room_id: str) -> None:
    for content in ({}, {"algorithm": ""}, {"algorithm": "org.example.rot13"}):
        with pytest.raises(MForbidden, match="Encryption cannot be turned off"):
            await alice.set_state(room_id, "m.room.encryption", content)
    with pytest.raises(MForbidden):
        await alice.send(room_id, "m.room.message", {"msgtype": "m.text", "body": "hello"})


async def test_keys_may_be_renewed_more_often(alice: Person, room_id: str) -> None:
    content = {"algorithm": "m.megolm.v1.aes-sha2", "rotation_period_msgs": 10}
    await alice.set_state(room_id, "m.room.encryption", content)


async def test_the_event_that_turned_encryption_on_cannot_be_redacted(alice: Person, room_id: str) -> None:
    events = await alice.homeserver.room_state(room_id) or []
    (encryption,) = [event["event_id"] for event in events if event["type"] == "m.room.encryption"]
    with pytest.raises(MForbidden, match="Encryption cannot be turned off"):
        await alice.client.redact(RoomID(room_id), EventID(encryption))


async def test_rooms_of_invited_people_are_encrypted_without_being_asked(alice: Person, bob: Person) -> None:
    room_id = await alice.make_room(bob, encrypted=False)
    assert ("m.room.encryption", "") in await alice.state(room_id)
