"""Topic `post.published`: whom it names and whose post it passes on hear of it, and feeds that show it are read anew.

The first two are live events, kept for those who are away. The third is a hint to open connections alone, worth nothing
later: `feed.changed`, by way of Valkey, to followers and friends who may see the post and have not muted its author.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import Integer, Uuid, bindparam, func, select, union
from sqlalchemy.orm import aliased

from db import live
from db.audience import can_view, is_published
from db.engine import OUTAGES, Database, Statement, Transaction
from db.models import Follow, FriendRequest, Post, PostMention, User
from event_worker.tasks import Effect, Task

HINT = "feed"
"""What is published on `live:{user_id}` in place of an event's number."""
MOST_FOLLOWERS = 10_000
"""Authors with more of them hint to nobody: their followers see something new soon enough."""
BATCH = 500
_log = structlog.get_logger()


class Publication(msgspec.Struct):
    """The payload of an outbox row of topic `post.published`; see db.publication."""

    post_id: UUID


def announcer(database: Database, valkey: Redis) -> Effect:
    """The effect of topic `post.published`."""

    async def announce(task: Task) -> None:
        post_id = msgspec.convert(task.entry.payload, Publication).post_id
        async with task.finishing() as tx:
            await _tell(tx, post_id, task.entry.request_id)
        try:
            await _hint(database, valkey, post_id)
        except (RedisError, *OUTAGES) as error:
            _log.warning("feeds are not told of a post", error=type(error).__name__)

    return announce


async def _tell(tx: Transaction, post_id: UUID, request_id: str | None) -> None:
    """Tell those whom the post names, and the author of what it passes on."""
    author = await tx.row(_AUTHOR, post=post_id)
    if author is None:
        return  # it is gone again
    payload = {"post_id": str(post_id), "connect_id": author["connect_id"]}
    named = [row["user_id"] for row in await tx.rows(_MENTIONED, post=post_id)]
    await live.emit(tx, "post.mentioned", named, payload, request_id=request_id)
    passed_on = await tx.row(_PASSED_ON, post=post_id)
    if passed_on is not None:
        payload = {**payload, "post_id": str(passed_on["id"]), "repost_id": str(post_id)}
        await live.emit(tx, "post.reposted", [passed_on["user_id"]], payload, request_id=request_id)


async def _hint(database: Database, valkey: Redis, post_id: UUID) -> None:
    """Hint to all whose feed may show the post, so many at a time; no connection is held meanwhile."""
    async with database.reading() as tx:
        if await tx.value(_FOLLOWERS, post=post_id) > MOST_FOLLOWERS:
            return
    after = UUID(int=0)
    while True:
        async with database.reading() as tx:
            readers = [row["reader"] for row in await tx.rows(_READERS, post=post_id, after=after, limit=BATCH)]
        await _publish(valkey, readers)
        if len(readers) < BATCH:
            return
        after = readers[-1]


async def _publish(valkey: Redis, readers: Sequence[UUID]) -> None:
    async with valkey.pipeline(transaction=False) as pipeline:
        for reader in readers:
            pipeline.publish(f"live:{reader}", HINT)
        await pipeline.execute()


_post = bindparam("post", type_=Uuid())
_original = aliased(Post)

_AUTHOR = Statement(select(User.connect_id).join(Post, Post.user_id == User.id).where(Post.id == _post, is_published()))

_MENTIONED = Statement(
    select(PostMention.user_id)
    .join(Post, Post.id == PostMention.post_id)
    .where(Post.id == _post, can_view(PostMention.user_id), live.hears(PostMention.user_id, Post.user_id))
)

_PASSED_ON = Statement(
    select(_original.id, _original.user_id)
    .join(Post, Post.repost_of == _original.id)
    .where(
        Post.id == _post,
        is_published(_original),
        can_view(_original.user_id),
        live.hears(_original.user_id, Post.user_id),
    )
)

_FOLLOWERS = Statement(
    select(func.count()).select_from(
        select(Follow.id)
        .join(Post, Post.user_id == Follow.followed_id)
        .where(Post.id == _post)
        .limit(MOST_FOLLOWERS + 1)
        .subquery()
    )
)

_author_of = select(Post.user_id).where(Post.id == _post).scalar_subquery()
_around = union(
    select(Follow.follower_id.label("reader")).where(Follow.followed_id == _author_of),
    select(FriendRequest.requester_id).where(
        FriendRequest.status == "accepted", FriendRequest.receiver_id == _author_of
    ),
    select(FriendRequest.receiver_id).where(
        FriendRequest.status == "accepted", FriendRequest.requester_id == _author_of
    ),
).subquery("around")

_READERS = Statement(
    select(_around.c.reader)
    .join(Post, Post.id == _post)
    .where(
        _around.c.reader > bindparam("after", type_=Uuid()),
        is_published(),
        can_view(_around.c.reader),
        live.hears(_around.c.reader, Post.user_id),
    )
    .order_by(_around.c.reader)
    .limit(bindparam("limit", type_=Integer()))
)
