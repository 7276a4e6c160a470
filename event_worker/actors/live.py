"""Topic `live`: numbers an event for each person it is for, and wakes their `/ws` connections."""

from __future__ import annotations

from uuid import UUID

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import BigInteger, Text, Uuid, bindparam, func, insert, literal, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from db.engine import Statement
from db.models import LiveCursor, LiveEvent, User
from event_worker.tasks import Effect, Task

_log = structlog.get_logger()


class Announcement(msgspec.Struct):
    """The payload of an outbox row of topic `live`; see db.live."""

    type: str
    users: list[UUID]
    payload: dict[str, object]


def announcer(valkey: Redis) -> Effect:
    """The effect of topic `live`, waking through `valkey`."""

    async def announce(task: Task) -> None:
        told = msgspec.convert(task.entry.payload, Announcement)
        async with task.finishing() as tx:
            numbered = await tx.rows(
                _APPEND, users=told.users, outbox_id=task.entry.id, type=told.type, payload=told.payload
            )
        await _wake(valkey, [(row["user_id"], row["seq"]) for row in numbered])

    return announce


async def _wake(valkey: Redis, numbered: list[tuple[UUID, int]]) -> None:
    """Only a wake-up: a connection that misses it finds the rows at its next look."""
    try:
        async with valkey.pipeline(transaction=False) as pipeline:
            for user_id, seq in numbered:
                pipeline.publish(f"live:{user_id}", seq)
            await pipeline.execute()
    except RedisError as error:
        _log.warning("nobody woken", error=type(error).__name__)


# One statement, so a hundred recipients cost no more round trips than one. The cursors are locked in the order of the
# people's ids, so two events for the same people wait for each other and never deadlock. People who are gone are left
# out.
_recipients = (
    select(User.id, literal(1, BigInteger))
    .where(User.id == func.any(bindparam("users", type_=ARRAY(Uuid()))))
    .order_by(User.id)
)
_cursors = postgresql.insert(LiveCursor).from_select(["user_id", "last_seq"], _recipients)
_numbered = (
    _cursors.on_conflict_do_update(index_elements=["user_id"], set_={"last_seq": LiveCursor.last_seq + 1})
    .returning(LiveCursor.user_id, LiveCursor.last_seq)
    .cte("numbered")
)
_APPEND = Statement(
    insert(LiveEvent)
    .from_select(
        ["user_id", "seq", "outbox_id", "type", "payload"],
        select(
            _numbered.c.user_id,
            _numbered.c.last_seq,
            bindparam("outbox_id", type_=Uuid()),
            bindparam("type", type_=Text()),
            bindparam("payload", type_=JSONB()),
        ),
    )
    .returning(LiveEvent.user_id, LiveEvent.seq)
)
