"""No content gets past the intake, whatever an event looks like."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from appservice.metadata import KEPT_MESSAGES, KEPT_STATE, reduce_event, reduce_receipts, reduce_transaction

SENTINEL = "the plaintext नमस्ते"
NOW = 1_790_000_000_000
TYPES = [*KEPT_STATE, *KEPT_MESSAGES, "m.reaction", "m.room.topic", "m.call.invite", "org.example.custom"]

sentinels = st.sampled_from([SENTINEL, f"m.text {SENTINEL}", f"${SENTINEL}", f"@a:b {SENTINEL}", f"text/{SENTINEL}"])
scalars = st.one_of(sentinels, st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.just(""))
keys = st.one_of(
    sentinels,
    st.sampled_from(
        [
            *{key for kept in (*KEPT_STATE.values(), *KEPT_MESSAGES.values()) for key in kept if key != "name"},
            *(
                "body",
                "formatted_body",
                "filename",
                "url",
                "file",
                "ciphertext",
                "mimetype",
                "event_id",
                "rel_type",
                "key",
            ),
        ]
    ),
)
contents = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=6)),
    max_leaves=20,
)


def event(kind: str = "m.room.encrypted", **fields: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "event_id": "$4hkcZkLQ_9gHJbVbtGFjYcvJ-bVnJbEYCzHZ0N3SFdc",
        "room_id": "!hXqRM3wWq9mO2nWqHwXgIgs5Yg2dRQzFhHAyKJfBVhs",
        "sender": "@alice:meton.localhost",
        "origin_server_ts": NOW,
        "content": {},
        **fields,
    }


@given(kind=st.sampled_from(TYPES), content=contents, state=st.booleans(), unsigned=contents, extra=contents)
def test_no_content_survives_whatever_is_in_an_event(
    kind: str, content: Any, state: bool, unsigned: Any, extra: Any
) -> None:
    key = {"state_key": "@bob:meton.localhost" if kind == "m.room.member" else ""} if state else {}
    reduced = reduce_event(event(kind, content=content, unsigned=unsigned, redacts=extra, age=extra, **key))
    assert SENTINEL not in json.dumps(reduced.event if reduced else None, ensure_ascii=False)


@given(broken=contents)
def test_what_is_no_event_is_dropped(broken: Any) -> None:
    assert reduce_event(broken) is None
    assert list(reduce_receipts(broken)) == []
    assert reduce_transaction(broken) == []
    assert reduce_transaction({"events": broken, "ephemeral": broken}) == []


@given(field=st.sampled_from(["event_id", "room_id", "sender", "origin_server_ts", "type"]), value=contents)
def test_an_event_with_a_field_of_another_form_is_dropped(field: str, value: Any) -> None:
    assert reduce_event(event(**{field: value})) is None


def test_of_an_encrypted_message_nothing_but_its_relation_is_kept() -> None:
    content = {
        "algorithm": "m.megolm.v1.aes-sha2",
        "ciphertext": "AwgAEnACgAkLmt6qF84",
        "session_id": "X3lUlvLELLYxeTx4yOVu6UDpasGEVO0Jbu",
        "m.relates_to": {
            "rel_type": "m.thread",
            "event_id": "$root",
            "m.in_reply_to": {"event_id": "$last"},
            "key": "x",
        },
    }
    reduced = reduce_event(event(content=content))
    assert reduced is not None
    assert reduced.event == {
        "type": "m.room.encrypted",
        "sender": "@alice:meton.localhost",
        "origin_server_ts": NOW,
        "content": {
            "m.relates_to": {"rel_type": "m.thread", "event_id": "$root", "m.in_reply_to": {"event_id": "$last"}}
        },
    }


def test_of_a_readable_message_only_its_kind_is_kept() -> None:
    content = {"msgtype": "m.image", "body": SENTINEL, "url": "mxc://x/y", "info": {"mimetype": "image/png", "w": 1}}
    reduced = reduce_event(event("m.room.message", content=content))
    assert reduced is not None
    assert reduced.event["content"] == {"msgtype": "m.image", "info": {"mimetype": "image/png"}}


def test_names_of_rooms_are_kept_and_topics_are_not() -> None:
    named = reduce_event(event("m.room.name", state_key="", content={"name": "Chess"}))
    assert named is not None
    assert named.event["content"] == {"name": "Chess"}
    assert reduce_event(event("m.room.topic", state_key="", content={"topic": SENTINEL})) is None


def test_state_sent_as_a_message_and_messages_sent_as_state_are_dropped() -> None:
    assert reduce_event(event("m.room.name", content={"name": "not the name"})) is None
    assert reduce_event(event("m.room.name", state_key="other", content={"name": "not the name"})) is None
    assert reduce_event(event("m.room.encrypted", state_key="")) is None


def test_redactions_are_understood_in_old_and_new_rooms() -> None:
    for fields in ({"redacts": "$gone"}, {"content": {"redacts": "$gone", "reason": SENTINEL}}):
        reduced = reduce_event(event("m.room.redaction", **fields))
        assert reduced is not None
        assert reduced.event["content"] == {"redacts": "$gone"}


def test_public_receipts_are_kept_and_private_ones_presence_and_typing_are_not() -> None:
    read = {"@alice:meton.localhost": {"ts": NOW, "thread_id": "main"}}
    receipt = {
        "type": "m.receipt",
        "room_id": "!room",
        "content": {"$public": {"m.read": read}, "$private": {"m.read.private": read}},
    }
    typing = {"type": "m.typing", "room_id": "!room", "content": {"user_ids": ["@alice:meton.localhost"]}}
    presence = {"type": "m.presence", "sender": "@alice:meton.localhost", "content": {"status_msg": SENTINEL}}
    entries = reduce_transaction({"events": [], "ephemeral": [receipt, typing, presence]})
    assert [(entry.kind, entry.event["sender"], entry.event["content"]) for entry in entries] == [
        ("receipt", "@alice:meton.localhost", {"event_id": "$public"})
    ]


def test_an_event_that_comes_twice_in_a_transaction_is_one_row() -> None:
    assert len(reduce_transaction({"events": [event(), event()]})) == 1
