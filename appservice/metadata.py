"""What of a Matrix event may be kept: an allow-list by event type, applied before anything is stored.

Each kept value has a form so narrow that no message fits into it: identifiers, enumerations, flags. The one exception
is the name of a room, which Matrix never encrypts and which lists of conversations show. Topics, avatars, display
names in member events, reactions, ciphertext, bodies, file names and links are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

from db.inbox import Entry

Json = Any
Metadata = dict[str, Json]
# Gives the value to keep, or None for one to drop.
Keep = Callable[[Json], Json]

TEXT = frozenset({"m.text", "m.notice", "m.emote", "m.server_notice"})
MEDIA = frozenset({"m.image", "m.video", "m.audio", "m.file", "m.location"})
EARLIEST, LATEST = 1_000_000_000_000, 9_999_999_999_999  # milliseconds: 2001 to 2286


def _matching(pattern: str) -> Keep:
    expression = re.compile(pattern)
    return lambda value: value if isinstance(value, str) and expression.fullmatch(value) else None


def _one_of(*words: str) -> Keep:
    return lambda value: value if isinstance(value, str) and value in words else None


def _fields(**kept: Keep) -> Keep:
    return lambda value: _filter(value, kept)


def _filter(value: Json, kept: Mapping[str, Keep]) -> Metadata | None:
    if not isinstance(value, dict):
        return None
    found = {name: keep(value[name]) for name, keep in kept.items() if name in value}
    return {name: each for name, each in found.items() if each is not None} or None


def _flag(value: Json) -> bool | None:
    return value if isinstance(value, bool) else None


def _name(value: Json) -> str | None:
    return value.replace("\x00", "")[:255] if isinstance(value, str) else None  # PostgreSQL stores no NUL


def _user_ids(value: Json) -> list[str] | None:
    return [each for each in value if user_id(each)][:100] if isinstance(value, list) else None


event_id = _matching(r"\$[A-Za-z0-9_\-+/.:]{1,254}")
room_id = _matching(r"![A-Za-z0-9_\-+/.:\[\]]{1,254}")
user_id = _matching(r"@[a-z0-9._=/+\-]{1,200}:[A-Za-z0-9.\-:\[\]]{1,200}")
_relation = _fields(
    **{
        "rel_type": _one_of("m.thread", "m.replace", "m.reference"),
        "event_id": event_id,
        "m.in_reply_to": _fields(event_id=event_id),
    }
)
_mime_type = _matching(r"(application|audio|font|image|model|text|video)/[A-Za-z0-9.+\-]{1,80}")
_attachment = _fields(mimetype=_mime_type)

# event type -> what is kept of its content. A type that is in neither table is not stored at all.
KEPT_STATE: Mapping[str, Mapping[str, Keep]] = {
    "m.room.create": {
        "type": _matching(r"[A-Za-z0-9._\-]{1,100}"),
        "additional_creators": _user_ids,
        "predecessor": _fields(room_id=room_id),
    },
    "m.room.encryption": {"algorithm": _one_of("m.megolm.v1.aes-sha2")},
    "m.room.name": {"name": _name},
    "m.room.member": {"membership": _one_of("join", "invite", "knock", "leave", "ban"), "is_direct": _flag},
    "m.room.tombstone": {"replacement_room": room_id},
}
KEPT_MESSAGES: Mapping[str, Mapping[str, Keep]] = {
    "m.room.encrypted": {"m.relates_to": _relation},
    "m.room.message": {"msgtype": _one_of(*TEXT, *MEDIA), "info": _attachment, "m.relates_to": _relation},
    "m.sticker": {"info": _attachment, "m.relates_to": _relation},
    "m.room.redaction": {"redacts": event_id},
}


def reduce_transaction(body: Json) -> list[Entry]:
    """The rows of a transaction: events first, so that receipts find what was read. Each id once."""
    found = chain(
        (entry for entry in map(reduce_event, _list(body, "events")) if entry is not None),
        *map(reduce_receipts, _list(body, "ephemeral")),
    )
    return list({entry.event_id: entry for entry in found}.values())


def _list(body: Json, name: str) -> list[Json]:
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, list) else []


def reduce_event(raw: Json) -> Entry | None:
    """The metadata of one Matrix event, or None for one that is of no use here or is not an event at all."""
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
        return None
    kind = raw["type"]
    kept = (KEPT_STATE if "state_key" in raw else KEPT_MESSAGES).get(kind)
    happened, room, sender = event_id(raw.get("event_id")), room_id(raw.get("room_id")), user_id(raw.get("sender"))
    sent = timestamp(raw.get("origin_server_ts"))
    if kept is None or happened is None or room is None or sender is None or sent is None:
        return None
    event = {
        "type": kind,
        "sender": sender,
        "origin_server_ts": sent,
        "content": _filter(raw.get("content"), kept) or {},
    }
    if kept is KEPT_STATE.get(kind):
        if not (user_id(raw["state_key"]) if kind == "m.room.member" else raw["state_key"] == ""):
            return None
        event["state_key"] = raw["state_key"]
    elif kind == "m.room.redaction" and event_id(
        raw.get("redacts")
    ):  # rooms before version 11 have it beside the content
        event["content"] = {"redacts": raw["redacts"]}
    if isinstance(raw.get("unsigned"), dict) and "redacted_because" in raw["unsigned"]:  # read again, after the fact
        event["redacted"] = True
    return Entry(happened, room, "event", event)


def reduce_receipts(raw: Json) -> Iterator[Entry]:
    """One entry for each public read receipt of an ephemeral event; private ones, typing and presence give none."""
    room = room_id(raw.get("room_id")) if isinstance(raw, dict) and raw.get("type") == "m.receipt" else None
    if room is None or not isinstance(raw.get("content"), dict):
        return
    for read, by_type in raw["content"].items():
        readers = by_type.get("m.read") if isinstance(by_type, dict) else None
        for reader, details in readers.items() if isinstance(readers, dict) else ():
            read_at = timestamp(details.get("ts")) if isinstance(details, dict) else None
            if event_id(read) and user_id(reader) and read_at is not None:
                kept = {
                    "type": "m.receipt",
                    "sender": reader,
                    "origin_server_ts": read_at,
                    "content": {"event_id": read},
                }
                yield Entry(f"receipt {room} {reader} {read}", room, "receipt", kept)


def timestamp(value: Json) -> int | None:
    """Milliseconds since 1970 within the years a database and a person can use, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and EARLIEST <= value <= LATEST else None
