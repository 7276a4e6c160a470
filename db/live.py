"""How any service tells people something through `/ws`.

What somebody did is told with `emit(tx, kind, await hearers(tx, actor, candidates), …)`: not to those who muted or
blocked them, whom they blocked, or who are gone, and never to themselves. `candidates` may all see the thing already.
Where the candidates come from a query of its own, `hears` is one more condition of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, bindparam, func, select

from db import outbox
from db.audience import Person, has_muted, is_visible
from db.engine import Statement, Transaction

LiveType = Literal[
    "message.received",
    "friend.requested",
    "friend.accepted",
    "follow.created",
    "follow.requested",
    "follow.approved",
    "media.ready",
    "media.failed",
    "post.published",
    "post.liked",
    "post.mentioned",
    "post.reposted",
    "comment.created",
    "comment.replied",
    "comment.mentioned",
    "comment.liked",
    "verification.decided",
]


def hears(person: Person, actor: Person) -> ColumnElement[bool]:
    """Whether `person` is told what `actor` does."""
    return and_(person != actor, is_visible(person, actor), ~has_muted(person, actor))


async def hearers(tx: Transaction, actor: UUID, candidates: Iterable[UUID]) -> list[UUID]:
    """Those of `candidates` who are told what `actor` does, each once."""
    rows = await tx.rows(_HEARERS, actor=actor, candidates=list(set(candidates)))
    return [row["person"] for row in rows]


async def emit(
    tx: Transaction,
    kind: LiveType,
    users: Iterable[UUID],
    payload: Mapping[str, Any],
    *,
    request_id: str | None = None,
) -> None:
    """Tell `users`, if and only if `tx` commits. Who of them may know it, the caller has decided in the same `tx`."""
    recipients = [str(user) for user in users]
    if recipients:
        message = {"type": kind, "users": recipients, "payload": dict(payload)}
        await outbox.emit(tx, "event_worker", "live", message, request_id=request_id)


_candidate = func.unnest(bindparam("candidates", type_=ARRAY(Uuid()))).column_valued("person")
_HEARERS = Statement(select(_candidate).where(hears(_candidate, bindparam("actor", type_=Uuid()))).order_by(_candidate))
