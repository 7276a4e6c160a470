"""Telling people what happens around a comment."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from db import live
from db.engine import Transaction
from db.live import LiveType
from social_api.auth import Actor
from social_api.comments import queries


async def tell(tx: Transaction, actor: Actor, comment: UUID, events: Mapping[UUID, LiveType], request_id: str) -> None:
    """Tell each person of `events` what the actor did, if they may see the comment and want to hear of the actor."""
    rows = await tx.rows(queries.HEARERS, comment=comment, people=list(events), viewer=actor.user_id)
    hearers: defaultdict[LiveType, list[UUID]] = defaultdict(list)
    for row in rows:
        hearers[events[row["id"]]].append(row["id"])
    for kind, people in hearers.items():
        payload = {"comment_id": comment, "post_id": rows[0]["post_id"], "connect_id": actor.connect_id}
        await live.emit(tx, kind, people, payload, request_id=request_id)
