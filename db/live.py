"""How any service tells people something through `/ws`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal
from uuid import UUID

from db import outbox
from db.engine import Transaction

LiveType = Literal[
    "message.received",
    "friend.requested",
    "friend.accepted",
    "follow.created",
    "media.ready",
    "media.failed",
    "post.published",
]


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
