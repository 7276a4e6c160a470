"""What must follow when a post is published: said once, by whichever service sets `posts.published_at`."""

from __future__ import annotations

from uuid import UUID

from db import outbox
from db.engine import Transaction

TOPIC = "post.published"


async def announce(tx: Transaction, post_id: UUID, request_id: str | None = None) -> None:
    """Ask event_worker for the effects of the publication, in the transaction that set `published_at`."""
    await outbox.emit(tx, "event_worker", TOPIC, {"post_id": post_id}, request_id=request_id)
