"""What must follow when a post is published: said once, by whichever service sets `posts.published_at`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Select, Text, bindparam, func, insert, literal, select

from db import outbox
from db.engine import Transaction
from db.models.outbox import Outbox

TOPIC = "post.published"


async def announce(tx: Transaction, post_id: UUID, request_id: str | None = None) -> None:
    """Ask event_worker for the effects of the publication, in the transaction that set `published_at`."""
    await outbox.emit(tx, "event_worker", TOPIC, {"post_id": post_id}, request_id=request_id)


def announcing(published: Select[Any]) -> Insert:
    """`announce` as part of a statement, for each post whose id `published` selects; asks for `request_id`."""
    post_id = published.subquery("published").c[0]
    return insert(Outbox).from_select(
        ["destination", "topic", "payload", "request_id"],
        select(
            literal("event_worker"),
            literal(TOPIC),
            func.jsonb_build_object("post_id", post_id),
            bindparam("request_id", type_=Text()),
        ),
    )
