"""Publishes posts whose time has come: those that are no drafts and whose media, if any, are all ready.

Each batch is one transaction with what follows from it, and takes rows that nobody else has: several may run at once,
and a kill only means that a post is found again.
"""

from __future__ import annotations

import structlog
from sqlalchemy import exists, func, select, update

from db import live, publication
from db.engine import Database, Statement
from db.models import MediaItem, Post

EVERY_SECONDS = 1.0
BATCH = 50
_log = structlog.get_logger()


async def publish_due(database: Database) -> bool:
    """Publish one batch of what is due; whether there may be more."""
    async with database.transaction() as tx:
        published = await tx.rows(_PUBLISH)
        for row in published:
            await live.emit(tx, "post.published", [row["user_id"]], {"post_id": str(row["id"])})
            await publication.announce(tx, row["id"])
    if published:
        _log.info("scheduled posts published", count=len(published))
    return len(published) == BATCH


_due = (
    select(Post.id)
    .where(
        Post.publish_at <= func.now(),
        Post.published_at.is_(None),
        Post.deleted_at.is_(None),
        Post.removed_at.is_(None),
        ~Post.draft,
        ~exists(MediaItem.id).where(MediaItem.post_id == Post.id, MediaItem.transcoding_status != "done"),
    )
    .order_by(Post.publish_at, Post.id)
    .limit(BATCH)
    .with_for_update(skip_locked=True, of=Post)
    .cte("due")
)

_PUBLISH = Statement(
    update(Post).where(Post.id == _due.c.id).values(published_at=func.now()).returning(Post.id, Post.user_id)
)
