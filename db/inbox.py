"""What Matrix told us, in the order it arrived, until it is worked through.

Intake stores rows and answers; dispatch takes the rows of one room at a time, so a room's events stay in order while
rooms do not wait for each other. Each insert wakes listeners of the channel `inbox`; they poll as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import ARRAY, Integer, Interval, Text, and_, bindparam, column, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import aliased

from db.engine import Statement, Transaction
from db.models.inbox import Inbox
from db.outbox import seconds_since

CHANNEL = "inbox"


@dataclass(frozen=True, slots=True)
class Entry:
    """One event or receipt; `event` holds allow-listed metadata alone. A receipt's `event_id` is made by the intake."""

    event_id: str
    room_id: str
    kind: Literal["event", "receipt"]
    event: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits, the seconds since the oldest of it arrived, and how many rows are parked."""

    waiting: int
    oldest_seconds: float
    parked: int


async def store(tx: Transaction, entries: Sequence[Entry]) -> int:
    """Keep `entries` in their order; those known already are left as they are. Returns how many were new."""
    return await tx.execute(
        _STORE,
        event_ids=[entry.event_id for entry in entries],
        room_ids=[entry.room_id for entry in entries],
        kinds=[entry.kind for entry in entries],
        events=[entry.event for entry in entries],
    )


async def take(tx: Transaction, limit: int) -> list[Entry]:
    """The oldest waiting rows of ONE room, at most `limit`, and that room for the length of `tx`.

    The room is the one whose first row waits longest among those that nobody else holds and whose first row is not
    postponed; none: an empty list.
    """
    return [Entry(**dict(row)) for row in await tx.rows(_TAKE, limit=limit)]


async def finish(tx: Transaction, event_ids: Sequence[str]) -> int:
    """Set rows done, in the transaction of their effect; returns how many were not yet."""
    return await tx.execute(_FINISH, event_ids=list(event_ids))


async def park(tx: Transaction, event_id: str, reason: str) -> None:
    """Lay a row aside that cannot be worked through, so that its room goes on; `reason` is for the operator."""
    await tx.execute(_PARK, event_id=event_id, reason=reason)


async def postpone(tx: Transaction, event_id: str, seconds: float) -> None:
    """Look at a row, and so at its room, not before `seconds` from now: something it needs cannot be had yet."""
    await tx.execute(_POSTPONE, event_id=event_id, delay=timedelta(seconds=seconds))


async def backlog(tx: Transaction) -> Backlog:
    """Depth and age of the queue, for metrics."""
    (row,) = await tx.rows(_BACKLOG)
    return Backlog(**dict(row))


_WAITING = and_(Inbox.done_at.is_(None), Inbox.parked_at.is_(None))

_new = (
    func.unnest(
        bindparam("event_ids", type_=ARRAY(Text)),
        bindparam("room_ids", type_=ARRAY(Text)),
        bindparam("kinds", type_=ARRAY(Text)),
        bindparam("events", type_=ARRAY(JSONB)),
    )
    .table_valued(
        column("event_id", Text),
        column("room_id", Text),
        column("kind", Text),
        column("event", JSONB),
        with_ordinality="n",
        name="new",
    )
    .render_derived()
)

_STORE = Statement(
    insert(Inbox)
    .from_select(
        ["event_id", "room_id", "kind", "event"],
        select(_new.c.event_id, _new.c.room_id, _new.c.kind, _new.c.event).order_by(_new.c.n),
    )
    .on_conflict_do_nothing(index_elements=["event_id"])
)

_earlier = aliased(Inbox)

# Locking a room's first waiting row is holding the room: nobody else can take a later row before it.
_first = (
    select(Inbox.room_id)
    .where(
        _WAITING,
        Inbox.available_at <= func.now(),
        ~exists().where(
            _earlier.room_id == Inbox.room_id,
            _earlier.position < Inbox.position,
            _earlier.done_at.is_(None),
            _earlier.parked_at.is_(None),
        ),
    )
    .order_by(Inbox.position)
    .limit(1)
    .with_for_update(skip_locked=True)
    .cte("first")
)

_TAKE = Statement(
    select(Inbox.event_id, Inbox.room_id, Inbox.kind, Inbox.event)
    .join(_first, _first.c.room_id == Inbox.room_id)
    .where(_WAITING)
    .order_by(Inbox.position)
    .limit(bindparam("limit", type_=Integer))
)

_FINISH = Statement(
    update(Inbox)
    .where(Inbox.event_id == func.any(bindparam("event_ids", type_=ARRAY(Text))), _WAITING)
    .values(done_at=func.now())
)

_PARK = Statement(
    update(Inbox)
    .where(Inbox.event_id == bindparam("event_id"), _WAITING)
    .values(parked_at=func.now(), reason=bindparam("reason"))
)

_POSTPONE = Statement(
    update(Inbox)
    .where(Inbox.event_id == bindparam("event_id"), _WAITING)
    .values(available_at=func.now() + bindparam("delay", type_=Interval))
)

_BACKLOG = Statement(
    select(
        func.count().filter(_WAITING).label("waiting"),
        seconds_since(func.min(Inbox.received_at).filter(_WAITING)).label("oldest_seconds"),
        func.count().filter(Inbox.parked_at.is_not(None)).label("parked"),
    ).where(or_(_WAITING, Inbox.parked_at.is_not(None)))
)
