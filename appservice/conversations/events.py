"""What happens in rooms, written down as conversations: one handler for each kind of event.

Every handler may run again for the same event, and for an older one after a newer one: the reconciler brings what got
lost. Rooms of other kinds (spaces) are no conversations.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from appservice.conversations import queries, upgrades
from appservice.events import RoomEvent
from appservice.metadata import MEDIA
from db import live
from db.engine import Transaction


class UnknownRoomError(LookupError):
    """The room's creation has not been seen: it got lost, or it is no conversation."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and among whom an event happened. Accounts that belong to no person are not in `people`."""

    tx: Transaction
    people: Mapping[str, UUID]
    conversation: UUID
    current: bool
    """Whether the conversation still lives in this room."""
    encrypted: bool


async def apply(tx: Transaction, event: RoomEvent, people: Mapping[str, UUID]) -> None:
    """Write down what one event changes; raises UnknownRoomError."""
    if event.state_key is not None and await _is_superseded(tx, event):
        return
    if event.type == "m.room.create":
        if "type" in event.content:
            return
        await tx.execute(queries.OPEN_ROOM, room=event.room_id, at=event.at)
    room = await tx.row(queries.ROOM, room=event.room_id)
    if room is None:
        raise UnknownRoomError(event.room_id)
    scene = Scene(tx, people, room["conversation_id"], room["current"], room["encrypted"])
    await _HANDLERS[event.type](scene, event)


async def _is_superseded(tx: Transaction, event: RoomEvent) -> bool:
    return bool(
        await tx.value(
            queries.IS_SUPERSEDED,
            room=event.room_id,
            kind=event.type,
            state_key=event.state_key,
            sent=event.milliseconds,
        )
    )


async def _created(scene: Scene, event: RoomEvent) -> None:
    creators = [event.sender, *event.content.get("additional_creators", ())]
    owners = [scene.people[mxid] for mxid in dict.fromkeys(creators) if mxid in scene.people]
    await scene.tx.execute(queries.ADD_OWNERS, conversation=scene.conversation, users=owners, at=event.at)
    if predecessor := event.content.get("predecessor"):
        await upgrades.follow(scene.tx, predecessor["room_id"], event.room_id, event)


async def _encrypted(scene: Scene, event: RoomEvent) -> None:
    """Encryption never ends, whatever a later event of this kind says."""
    await scene.tx.execute(queries.ENCRYPT_ROOM, room=event.room_id)
    if scene.current:
        await scene.tx.execute(queries.ENCRYPT_CONVERSATION, conversation=scene.conversation)


async def _named(scene: Scene, event: RoomEvent) -> None:
    if scene.current:
        title = event.content.get("name") or None
        await scene.tx.execute(queries.NAME_CONVERSATION, conversation=scene.conversation, title=title)


async def _membership_changed(scene: Scene, event: RoomEvent) -> None:
    member, membership = scene.people.get(event.state_key or ""), event.content.get("membership")
    if not scene.current or member is None or membership is None:
        return
    await scene.tx.execute(
        queries.SET_MEMBERSHIP, conversation=scene.conversation, user=member, membership=membership, at=event.at
    )
    if membership == "invite" and event.content.get("is_direct"):
        await scene.tx.execute(queries.MAKE_DIRECT, conversation=scene.conversation)
    if membership in queries.PRESENT:
        await scene.tx.execute(queries.MAKE_GROUP, conversation=scene.conversation)


async def _closed(scene: Scene, event: RoomEvent) -> None:
    await scene.tx.execute(queries.CLOSE_ROOM, room=event.room_id, at=event.at)
    if replacement := event.content.get("replacement_room"):
        await upgrades.follow(scene.tx, event.room_id, replacement, event)


async def _sent(scene: Scene, event: RoomEvent) -> None:
    """A message: its metadata, and word to everybody else who is in the room. An edit is no message of its own."""
    sender, relation = scene.people.get(event.sender), event.content.get("m.relates_to", {})
    if sender is None or relation.get("rel_type") == "m.replace":
        return
    mime_type, msg_type = _visible_kind(event)
    message = await scene.tx.value(
        queries.ADD_MESSAGE,
        conversation=scene.conversation,
        user=sender,
        event_id=event.event_id,
        kind=event.type,
        mime_type=mime_type,
        msg_type=msg_type,
        relates_to=relation.get("event_id") or relation.get("m.in_reply_to", {}).get("event_id"),
        at=event.at,
        redacted_at=event.at if event.redacted else None,
    )
    if message is None or event.redacted:
        return
    await scene.tx.execute(queries.TOUCH_CONVERSATION, conversation=scene.conversation, at=event.at)
    await _move_read_cursor(scene, event, sender, event.event_id)
    others = await scene.tx.rows(queries.OTHERS, conversation=scene.conversation, user=sender)
    word = {
        "conversation_id": str(scene.conversation),
        "message_id": str(message),
        "room_id": event.room_id,
        "event_id": event.event_id,
        "sender": str(sender),
        "sent_at": event.at.isoformat().replace("+00:00", "Z"),
    }
    await live.emit(scene.tx, "message.received", [other["user_id"] for other in others], word)


def _visible_kind(event: RoomEvent) -> tuple[str | None, str | None]:
    """(mime_type, msg_type) of a message that is not encrypted; of one that is, nobody but its readers can know."""
    if event.type == "m.room.encrypted":
        return None, None
    is_media = event.type == "m.sticker" or event.content.get("msgtype") in MEDIA
    return event.content.get("info", {}).get("mimetype"), "media" if is_media else "text"


async def _redacted(scene: Scene, event: RoomEvent) -> None:
    if redacts := event.content.get("redacts"):
        await scene.tx.execute(queries.REDACT_MESSAGE, conversation=scene.conversation, event_id=redacts, at=event.at)


async def _read(scene: Scene, event: RoomEvent) -> None:
    if reader := scene.people.get(event.sender):
        await _move_read_cursor(scene, event, reader, event.content["event_id"])


async def _move_read_cursor(scene: Scene, event: RoomEvent, reader: UUID, read: str) -> None:
    await scene.tx.execute(
        queries.MOVE_READ_CURSOR, conversation=scene.conversation, user=reader, event_id=read, at=event.at
    )


_HANDLERS: Mapping[str, Callable[[Scene, RoomEvent], Awaitable[None]]] = MappingProxyType(
    {
        "m.room.create": _created,
        "m.room.encryption": _encrypted,
        "m.room.name": _named,
        "m.room.member": _membership_changed,
        "m.room.tombstone": _closed,
        "m.room.encrypted": _sent,
        "m.room.message": _sent,
        "m.sticker": _sent,
        "m.room.redaction": _redacted,
        "m.receipt": _read,
    }
)
