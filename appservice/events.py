"""What happened in a room, as handlers see it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from db.inbox import Entry


@dataclass(frozen=True, slots=True)
class RoomEvent:
    """An event or a read receipt (type `m.receipt`, whose content names the event that was read)."""

    event_id: str
    room_id: str
    type: str
    sender: str
    state_key: str | None
    content: dict[str, Any]
    milliseconds: int
    """When the homeserver took it, by its own clock."""
    redacted: bool

    @property
    def at(self) -> datetime:
        """The same time as the database has it."""
        return datetime.fromtimestamp(self.milliseconds / 1000, UTC)

    @property
    def people(self) -> frozenset[str]:
        """The accounts it is about."""
        members = {self.state_key} if self.type == "m.room.member" and self.state_key else set()
        return frozenset({self.sender, *members, *self.content.get("additional_creators", ())})


def read(entry: Entry) -> RoomEvent:
    """The event of an inbox row; KeyError for one that this service did not write."""
    event = entry.event
    return RoomEvent(
        event_id=entry.event_id,
        room_id=entry.room_id,
        type=event["type"],
        sender=event["sender"],
        state_key=event.get("state_key"),
        content=event["content"],
        milliseconds=event["origin_server_ts"],
        redacted=event.get("redacted", False),
    )


def mentioned(entries: Iterable[Entry]) -> set[str]:
    """The accounts that inbox rows are about; rows that cannot be read name nobody."""
    accounts: set[str] = set()
    for entry in entries:
        with suppress(KeyError):
            accounts |= read(entry).people
    return accounts
