"""What one service asks of another, kept in PostgreSQL until it is done.

A row is written in the transaction that makes it necessary, so neither exists without the other. Its life:
pending → claimed (nobody else may have it until its lease ends) → done | dead. Whoever claims a row sets it done in
the transaction of its effect. After a kill at any point the lease ends and the row is claimed again: effects are
idempotent.

Rows with the same destination and key are worked through one after another, oldest first; a dead row no longer holds up
its key. Each insert wakes listeners of the channel `outbox` with the destination; they poll as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal
from uuid import UUID

import asyncpg
from sqlalchemy import (
    Case,
    ColumnElement,
    Float,
    Integer,
    Interval,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased

from db.engine import Statement, Transaction
from db.models.outbox import Outbox

Destination = Literal["event_worker", "media_worker", "appservice"]

CHANNEL = "outbox"
MAX_ATTEMPTS = 12
"""Claims after which a row is dead; with the default delay that takes three quarters of an hour."""

ATTEMPTS_BY_TOPIC: Mapping[str, int] = MappingProxyType(
    {
        "person.registered": 200,  # Synapse may be away for two days
        "friendship.accepted": 200,
        "person.sessions_ended": 1_000_000,  # a promise of security: repeated until it is kept
        "person.log_out": 1_000_000,  # likewise
        "session.log_out": 1_000_000,  # likewise
    }
)
LONGEST_DELAY = timedelta(minutes=15)
LONGEST_ERROR = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """A claimed row; `attempts` counts this claim too."""

    id: UUID
    destination: str
    topic: str
    key: str | None
    payload: dict[str, Any]
    request_id: str | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits for one destination, since how many seconds the oldest of it, and how many rows are dead."""

    destination: str
    waiting: int
    oldest_seconds: float
    dead: int


async def emit(
    tx: Transaction,
    destination: Destination,
    topic: str,
    payload: Mapping[str, Any],
    *,
    key: str | None = None,
    request_id: str | None = None,
) -> None:
    """Ask `destination` for an effect, if and only if `tx` commits. `payload` is a JSON object: ids, never content."""
    await tx.execute(_EMIT, destination=destination, topic=topic, payload=dict(payload), key=key, request_id=request_id)


async def claim(tx: Transaction, destination: Destination, limit: int, lease_seconds: float) -> list[Entry]:
    """Take up to `limit` ready rows, oldest first, for `lease_seconds`; the claim counts once `tx` commits.

    Rows that used up their attempts without ever being given back (whoever took them was killed) become dead here.
    """
    await tx.execute(_BURY, destination=destination)
    rows = await tx.rows(_CLAIM, destination=destination, limit=limit, lease=timedelta(seconds=lease_seconds))
    return sorted((_entry(row) for row in rows), key=lambda entry: entry.id)


async def take(tx: Transaction, entry_id: UUID) -> Entry | None:
    """Hold one unfinished row for the length of `tx`; None when it is finished or someone else holds it."""
    row = await tx.row(_TAKE, id=entry_id)
    return _entry(row) if row else None


async def finish(tx: Transaction, entry_id: UUID) -> bool:
    """Set a row done, in the transaction of its effect; False when it was finished already."""
    return await tx.execute(_FINISH, id=entry_id) == 1


async def hold(tx: Transaction, entry_id: UUID, seconds: float) -> bool:
    """Make a claim end `seconds` from now: later for work that goes on, at once (0) for work that was broken off.

    False when the row is finished.
    """
    return await tx.execute(_HOLD, id=entry_id, lease=timedelta(seconds=seconds)) == 1


async def give_back(
    tx: Transaction, entry_id: UUID, error: str, delay_seconds: float = 1.0, longest: timedelta = LONGEST_DELAY
) -> bool:
    """The effect failed: claimable again after `delay_seconds`, doubled with each attempt, at most `longest`.

    Returns True when the row had used up its topic's attempts and is now dead. `error` says why, without personal data.
    """
    delay = timedelta(seconds=delay_seconds)
    dead = await tx.value(_GIVE_BACK, id=entry_id, error=error[:LONGEST_ERROR], delay=delay, longest=longest)
    return bool(dead)


async def bury(tx: Transaction, entry_id: UUID, error: str) -> None:
    """Nobody will ever be able to do this, so it is dead at once; `error` says why."""
    await tx.execute(_BURY_ONE, id=entry_id, error=error[:LONGEST_ERROR])


async def backlog(tx: Transaction) -> list[Backlog]:
    """Depth and age of each queue, for metrics."""
    return [Backlog(**dict(row)) for row in await tx.rows(_BACKLOG)]


def seconds_since(moment: ColumnElement[datetime]) -> ColumnElement[float]:
    """How long ago `moment` was; 0 for NULL."""
    return cast(func.coalesce(func.extract("epoch", func.now() - moment), 0), Float)


def _entry(row: asyncpg.Record) -> Entry:
    return Entry(**dict(row))


def _attempts_allowed() -> Case[int]:
    return case(*((Outbox.topic == topic, limit) for topic, limit in ATTEMPTS_BY_TOPIC.items()), else_=MAX_ATTEMPTS)


def _unfinished(row: Any) -> ColumnElement[bool]:
    return and_(row.done_at.is_(None), row.failed_at.is_(None))


_ENTRY = (
    Outbox.id,
    Outbox.destination,
    Outbox.topic,
    Outbox.key,
    Outbox.payload,
    Outbox.request_id,
    Outbox.attempts,
)

_EMIT = Statement(
    insert(Outbox).values(
        destination=bindparam("destination"),
        topic=bindparam("topic"),
        payload=bindparam("payload"),
        key=bindparam("key"),
        request_id=bindparam("request_id"),
    )
)

_TAKE = Statement(
    select(*_ENTRY).where(Outbox.id == bindparam("id"), _unfinished(Outbox)).with_for_update(skip_locked=True)
)

_FINISH = Statement(
    update(Outbox).where(Outbox.id == bindparam("id"), _unfinished(Outbox)).values(done_at=func.now(), error=None)
)

_HOLD = Statement(
    update(Outbox)
    .where(Outbox.id == bindparam("id"), _unfinished(Outbox))
    .values(available_at=func.now() + bindparam("lease", type_=Interval))
)

_BURY_ONE = Statement(
    update(Outbox)
    .where(Outbox.id == bindparam("id"), _unfinished(Outbox))
    .values(failed_at=func.now(), error=bindparam("error"))
)

_waiting = (
    select(Outbox.id)
    .where(Outbox.destination == bindparam("destination"), _unfinished(Outbox), Outbox.available_at <= func.now())
    .with_for_update(skip_locked=True)
)

_worn_out = _waiting.where(Outbox.attempts >= _attempts_allowed()).cte("worn_out")

_BURY = Statement(
    update(Outbox)
    .where(Outbox.id == _worn_out.c.id)
    .values(failed_at=func.now(), error=func.coalesce(Outbox.error, literal("never given back")))
)

_earlier = aliased(Outbox)

_ready = (
    _waiting.where(
        or_(
            Outbox.key.is_(None),
            ~exists().where(
                _earlier.destination == Outbox.destination,
                _earlier.key == Outbox.key,
                _earlier.id < Outbox.id,
                _unfinished(_earlier),
            ),
        )
    )
    .order_by(Outbox.id)
    .limit(bindparam("limit", type_=Integer))
    .cte("ready")
)

_CLAIM = Statement(
    update(Outbox)
    .where(Outbox.id == _ready.c.id)
    .values(available_at=func.now() + bindparam("lease", type_=Interval), attempts=Outbox.attempts + 1)
    .returning(*_ENTRY)
)

_delay = func.least(
    bindparam("delay", type_=Interval).op("*", return_type=Interval())(
        func.power(2, func.least(Outbox.attempts - 1, 20))
    ),
    bindparam("longest", type_=Interval),
)

_GIVE_BACK = Statement(
    update(Outbox)
    .where(Outbox.id == bindparam("id"), _unfinished(Outbox))
    .values(
        available_at=func.now() + _delay,
        failed_at=case((Outbox.attempts >= _attempts_allowed(), func.now())),
        error=bindparam("error"),
    )
    .returning(Outbox.failed_at.is_not(None))
)

_BACKLOG = Statement(
    select(
        Outbox.destination,
        func.count().filter(_unfinished(Outbox)).label("waiting"),
        seconds_since(func.min(Outbox.created_at).filter(_unfinished(Outbox))).label("oldest_seconds"),
        func.count().filter(Outbox.failed_at.is_not(None)).label("dead"),
    )
    .where(or_(_unfinished(Outbox), Outbox.failed_at.is_not(None)))
    .group_by(Outbox.destination)
)
