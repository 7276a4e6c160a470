"""The one encrypted direct chat of two people who became friends."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from mautrix.errors import MNotFound, MRoomInUse
from mautrix.types import RoomAlias, RoomCreatePreset, RoomID, UserID

from appservice.command import Effect, Tools
from appservice.conversations import queries
from appservice.homeserver import Homeserver, Json
from appservice.people.accounts import ensure_account
from db.engine import Database, Transaction
from db.outbox import Entry

MEGOLM = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
# Its alias only finds the room again; shown as an alias, it would stand in clients in place of the friend's name.
NO_SHOWN_ALIAS = {"type": "m.room.canonical_alias", "state_key": "", "content": {}}
ABANDONED_AFTER = 3
"""Attempts after which a room that is still incomplete counts as broken off, and not as being made."""
DIRECT_CHATS = "m.direct"
WRITES = 5


class RoomIsBeingMadeError(Exception):
    """Another attempt has taken the alias and may still be at work in Synapse."""


class ListKeepsChangingError(Exception):
    """A client writes the list of direct chats all the time."""


async def open_direct(tools: Tools, entry: Entry) -> Effect:
    """`friendship.accepted`: the two have exactly one direct chat, encrypted from birth, and both are in it.

    Who runs this again finds the room by its alias, which Synapse gives away only once. A chat that the two already
    have, made in any Matrix client, is taken.
    """
    low, high = sorted((UUID(entry.payload["user_a"]), UUID(entry.payload["user_b"])))
    one = await ensure_account(tools.database, tools.homeserver, low)
    other = await ensure_account(tools.database, tools.homeserver, high)
    room_id = await _known_room(tools, low, high)
    if room_id is None:
        alias = f"meton-dm-{hashlib.sha256(f'{low}:{high}'.encode()).hexdigest()[:32]}"
        room_id = await _make_room(tools.homeserver, alias, one, other, abandon=entry.attempts >= ABANDONED_AFTER)
    await _bring_together(tools.homeserver, room_id, one, other)
    await _list_as_direct(tools.homeserver, room_id, one, other)
    await _list_as_direct(tools.homeserver, room_id, other, one)
    return partial(_write_down, room_id=room_id, low=low, high=high)


async def _known_room(tools: Tools, low: UUID, high: UUID) -> str | None:
    """The room of the pair, or else an encrypted direct chat of exactly these two; None if there is none alive."""
    for room_id in await _candidates(tools.database, low, high):
        if _is_alive(await tools.homeserver.room_state(room_id)):
            return room_id
    return None


async def _candidates(database: Database, low: UUID, high: UUID) -> list[str]:
    async with database.reading() as tx:
        found = [
            await tx.value(queries.PAIRED_ROOM, low=low, high=high),
            await tx.value(queries.EXISTING_DIRECT, low=low, high=high),
        ]
    return [room_id for room_id in found if room_id is not None]


async def _make_room(homeserver: Homeserver, alias: str, one: str, other: str, *, abandon: bool) -> str:
    """Make the room, or find the one that an earlier attempt made."""
    creator = homeserver.acting_as(one)
    make = partial(
        creator.create_room,
        alias_localpart=alias,
        preset=RoomCreatePreset.TRUSTED_PRIVATE,
        is_direct=True,
        invitees=[UserID(other)],
        initial_state=[MEGOLM, NO_SHOWN_ALIAS],
    )
    try:
        return str(await make())
    except MRoomInUse:
        found = await creator.resolve_room_alias(RoomAlias(f"#{alias}:{homeserver.server_name}"))
    if _is_alive(await homeserver.room_state(found.room_id)):
        return str(found.room_id)
    if not abandon:
        raise RoomIsBeingMadeError
    await creator.remove_room_alias(alias)
    return str(await make())


def _is_alive(state: list[Json] | None) -> bool:
    """Whether the room is encrypted and somebody is in it, who can invite."""
    events = state or []
    return any(event["type"] == "m.room.encryption" for event in events) and "join" in _memberships(events).values()


def _memberships(state: list[Json]) -> dict[str, str]:
    return {event["state_key"]: event["content"]["membership"] for event in state if event["type"] == "m.room.member"}


async def _bring_together(homeserver: Homeserver, room_id: str, one: str, other: str) -> None:
    members = _memberships(await homeserver.room_state(room_id) or [])
    for person, friend in ((one, other), (other, one)):
        if members.get(person) == "join":
            continue
        if members.get(person) != "invite":
            await homeserver.acting_as(friend).invite_user(RoomID(room_id), UserID(person))
        await homeserver.acting_as(person).join_room_by_id(RoomID(room_id))


async def _list_as_direct(homeserver: Homeserver, room_id: str, owner: str, friend: str) -> None:
    """Add the room to the person's direct chats, where clients look. Clients rewrite the whole list: look again."""
    person = homeserver.acting_as(owner)
    for _ in range(WRITES):
        try:
            listed: Json = await person.get_account_data(DIRECT_CHATS)
        except MNotFound:
            listed = {}
        if room_id in listed.get(friend, []):
            return
        await person.set_account_data(DIRECT_CHATS, {**listed, friend: [*listed.get(friend, []), room_id]})
    raise ListKeepsChangingError


async def _write_down(tx: Transaction, *, room_id: str, low: UUID, high: UUID) -> None:
    """The pair's conversation; who takes part in it comes from the room's own events."""
    await tx.execute(queries.OPEN_ROOM, room=room_id, at=datetime.now(UTC))
    conversation = await tx.value(queries.ROOM, room=room_id)
    await tx.execute(queries.ENCRYPT_ROOM, room=room_id)
    await tx.execute(queries.ENCRYPT_CONVERSATION, conversation=conversation)
    await tx.execute(queries.MAKE_DIRECT, conversation=conversation)
    await tx.execute(queries.PAIR, low=low, high=high, conversation=conversation)
