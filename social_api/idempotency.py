"""`Idempotency-Key`: the same request twice has one effect and one answer, for a day.

The answer is written under its key in the transaction of the effect, so either both exist or neither. The advisory lock
makes a repetition that comes while the first is still at work answer at once (409) in place of waiting for it.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Integer, LargeBinary, Text, Uuid, bindparam, delete, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from db.engine import OUTAGES, Database, Statement, Transaction
from db.models import IdempotencyKey
from social_api.problems import IdempotencyKeyReused, Invalid, RequestInFlight
from social_api.problems import Text as Sentence

_log = structlog.get_logger()

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
_PURGE_SECONDS = 3600
_KEY = re.compile(r"[!-~]{1,255}")

_user_id = bindparam("user_id", type_=Uuid)
_key = bindparam("key", type_=Text)
_mine = (IdempotencyKey.user_id == _user_id) & (IdempotencyKey.key == _key)

_expired = IdempotencyKey.created_at < func.now() - KEPT

# What was answered before comes with the lock. It is read as of a moment before the lock was taken: `finish` notices
# what was answered in between.
_lock = select(
    func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("name", type_=Text), literal(0x1DE))).label("free")
).subquery("lock")
_BEGIN = Statement(
    select(
        _lock.c.free,
        IdempotencyKey.method,
        IdempotencyKey.path,
        IdempotencyKey.body_hash,
        IdempotencyKey.status,
        IdempotencyKey.answer,
    ).select_from(_lock.outerjoin(IdempotencyKey, _mine & ~_expired))
)
_said = insert(IdempotencyKey).values(
    user_id=_user_id,
    key=_key,
    method=bindparam("method", type_=Text),
    path=bindparam("path", type_=Text),
    body_hash=bindparam("body_hash", type_=LargeBinary),
    status=bindparam("status", type_=Integer),
    answer=bindparam("answer", type_=JSONB),
)
_FINISH = Statement(
    _said.on_conflict_do_update(
        index_elements=["user_id", "key"],
        set_={name: _said.excluded[name] for name in ("method", "path", "body_hash", "status", "answer", "created_at")},
        where=_expired,
    )
)
_PURGE = Statement(delete(IdempotencyKey).where(_expired))


@dataclass(frozen=True, slots=True)
class Request:
    """What makes two requests the same."""

    user_id: UUID
    key: str
    method: str
    path: str
    """With the query."""
    body_hash: bytes
    """SHA-256 of the bytes sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer given before."""

    status: int
    value: Any
    """Decoded JSON; None for an empty answer."""


def request(user_id: UUID, key: str, method: str, path: str, body: bytes) -> Request:
    """The request with this key; raises Invalid for a key that is none."""
    if _KEY.fullmatch(key) is None:
        raise Invalid((HEADER, Sentence("1 to 255 visible ASCII characters.", "1 से 255 दिखने वाले ASCII अक्षर।")))
    return Request(user_id, key, method, path, hashlib.sha256(body).digest())


async def begin(tx: Transaction, asked: Request) -> Answer | None:
    """None: go on, and `finish`. Else the answer given before; raises RequestInFlight and IdempotencyKeyReused."""
    row = await tx.row(_BEGIN, name=f"{asked.user_id} {asked.key}", user_id=asked.user_id, key=asked.key)
    if row is None or not row["free"]:
        raise RequestInFlight
    if row["method"] is None:
        return None
    if (row["method"], row["path"], row["body_hash"]) != (asked.method, asked.path, asked.body_hash):
        raise IdempotencyKeyReused
    return Answer(row["status"], row["answer"])


async def finish(tx: Transaction, asked: Request, status: int, answer: Any) -> None:
    """Keep the answer, which must be something msgspec can encode; it counts once `tx` commits.

    Raises RequestInFlight, which undoes the effect, when another answer was committed as `begin` looked for one.
    """
    kept = await tx.execute(
        _FINISH,
        user_id=asked.user_id,
        key=asked.key,
        method=asked.method,
        path=asked.path,
        body_hash=asked.body_hash,
        status=status,
        answer=answer,
    )
    if not kept:
        raise RequestInFlight


async def purge(database: Database) -> None:
    """Forget answers older than a day, each hour, until cancelled."""
    while True:
        with suppress(*OUTAGES):
            async with database.transaction() as tx:
                await tx.execute(_PURGE)
        await asyncio.sleep(_PURGE_SECONDS)
