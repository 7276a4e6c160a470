"""Rooms as the inbox hears of them, and what became of it."""

from __future__ import annotations

import dataclasses
import itertools
import secrets
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete

from appservice.dispatch import Dispatch
from appservice.metadata import reduce_transaction
from db import inbox
from db.engine import Statement
from db.inbox import Entry
from db.models.outbox import Outbox
from tests.appservice.clients import CIPHERTEXT, MEGOLM, Person
from tests.support.clones import Clone
from tests.support.records import told

FORGET_COMMANDS = Statement(delete(Outbox))
_milliseconds = itertools.count(int(time.time() * 1000))


class Room:
    """A room that exists only in what Synapse says of it."""

    def __init__(self, *members: Person, direct: bool = False) -> None:
        self.room_id = f"!{secrets.token_urlsafe(32)}"
        self.members = members
        self.direct = direct

    def event(self, kind: str, sender: Person, content: dict[str, Any], **fields: Any) -> Entry:
        """One event after all before it."""
        raw = {
            "type": kind,
            "event_id": f"${secrets.token_urlsafe(32)}",
            "room_id": self.room_id,
            "sender": sender.mxid,
            "origin_server_ts": next(_milliseconds),
            "content": content,
            **fields,
        }
        return reduce_transaction({"events": [raw]})[0]

    def state(self, kind: str, sender: Person, content: dict[str, Any], state_key: str = "") -> Entry:
        return self.event(kind, sender, content, state_key=state_key)

    def member(self, person: Person, membership: str, by: Person | None = None, **content: Any) -> Entry:
        return self.state("m.room.member", by or person, {"membership": membership, **content}, person.mxid)

    def message(self, sender: Person, **content: Any) -> Entry:
        return self.event("m.room.encrypted", sender, {**CIPHERTEXT, **content})

    def receipt(self, reader: Person, read: Entry) -> Entry:
        content = {read.event_id: {"m.read": {reader.mxid: {"ts": next(_milliseconds)}}}}
        return reduce_transaction({"ephemeral": [{"type": "m.receipt", "room_id": self.room_id, "content": content}]})[
            0
        ]

    def beginning(self) -> list[Entry]:
        """As Synapse makes a room: creation, its creator, encryption, invitations, and that they were accepted."""
        creator, *others = self.members
        direct = {"is_direct": True} if self.direct else {}
        return [
            self.state("m.room.create", creator, {"room_version": "12"}),
            self.member(creator, "join"),
            self.state("m.room.encryption", creator, MEGOLM["content"]),  # type: ignore[arg-type]  # a dict of a dict
            *(self.member(other, "invite", by=creator, **direct) for other in others),
            *(self.member(other, "join") for other in others),
        ]


def stranger(like: Person) -> Person:
    """Somebody whose account is no person's: Synapse does not know it."""
    return dataclasses.replace(like, mxid=f"@nobody-{secrets.token_hex(4)}:{like.homeserver.server_name}")


async def arrive(database: Clone, entries: Sequence[Entry]) -> None:
    """Put entries into the inbox."""
    async with database.transaction() as tx:
        await inbox.store(tx, entries)


async def work(dispatch: Dispatch) -> None:
    """Work until nothing waits."""
    while await dispatch.turn():
        pass


async def live(database: Clone) -> list[dict[str, Any]]:
    """What people were told."""
    return await told(database, "message.received")


async def arrive_raw(database: Clone, events: list[dict[str, Any]]) -> None:
    """Put events into the inbox as the intake does."""
    await arrive(database, reduce_transaction({"events": events}))
