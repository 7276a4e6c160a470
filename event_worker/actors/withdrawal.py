"""Topic `post.deleted`: what only passes on a post that is gone goes too; with words of its own it stays.

A batch at a time, each with an outbox row that asks for the next one: a hundred thousand may have passed it on.
"""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import Integer, Uuid, bindparam, func, select, update
from sqlalchemy.orm import aliased

from db import withdrawal
from db.engine import Statement
from db.models import Post
from event_worker.tasks import Task

BATCH = 500


class Deletion(msgspec.Struct):
    """The payload of an outbox row of topic `post.deleted`; see db.withdrawal."""

    post_id: UUID


async def take_back(task: Task) -> None:
    """The effect of topic `post.deleted`."""
    post = msgspec.convert(task.entry.payload, Deletion).post_id
    async with task.finishing() as tx:
        await tx.execute(_TAKE_BACK, post=post, limit=BATCH)
        await withdrawal.announce(tx, post, task.entry.request_id)


# First those that pass on and then what they pass on, as everybody who takes a repost back.
_oldest = (
    select(Post.id)
    .where(*withdrawal.IS_PLAIN_REPOST)
    .order_by(Post.id)
    .limit(bindparam("limit", type_=Integer()))
    .with_for_update(key_share=True)
    .cte("oldest")
)
_gone = update(Post).where(Post.id == _oldest.c.id).values(deleted_at=func.now()).returning(Post.id).cte("gone")
_how_many = select(func.count()).select_from(_gone).scalar_subquery()
_original = aliased(Post)
_TAKE_BACK = Statement(
    update(_original)
    .where(_original.id == bindparam("post", type_=Uuid()))
    .values(repost_count=_original.repost_count - _how_many)
)
