"""Counts which hashtags many different people use: each of them once, however often they repeat it.

Of what was published to everybody within a day by people who are there and keep no private account. Somebody's part in
a hashtag fades with the age of the newest post they used it in, so a trend goes when nobody takes it up any more.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import BigInteger, Float, Interval, and_, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from db.audience import is_published
from db.engine import Database, Statement
from db.models import Post, PostHashtag, TrendingHashtag, User

EVERY_SECONDS = 60.0
WINDOW = timedelta(hours=24)
FADES_SECONDS = 6 * 60 * 60
"""After this time somebody's part is worth a third of what it was."""
FEWEST_AUTHORS = 3
MOST_HASHTAGS = 200
LOCK = 0x6D65746F6E2D7472  # "meton-tr"


async def count(database: Database) -> bool:
    """Count anew, unless another event_worker is at it; there is never more to do at once."""
    async with database.transaction() as tx:
        if await tx.value(_TRY_LOCK):
            await tx.execute(_COUNT)
            await tx.execute(_FORGET)
    return False


_TRY_LOCK = Statement(select(func.pg_try_advisory_xact_lock(literal(LOCK, BigInteger))))

_parts = (
    select(
        PostHashtag.hashtag,
        Post.user_id,
        func.count().label("posts"),
        func.max(Post.published_at).label("newest"),
    )
    .join(Post, Post.id == PostHashtag.post_id)
    .join(User, and_(User.id == Post.user_id, User.status == "active", ~User.is_private))
    .where(Post.visibility == "public", is_published(), Post.published_at > func.now() - literal(WINDOW, Interval()))
    .group_by(PostHashtag.hashtag, Post.user_id)
    .subquery("parts")
)
_age = func.extract("epoch", func.now() - _parts.c.newest)
_score = func.sum(func.exp(-_age / FADES_SECONDS).cast(Float)).label("score")
_counted = (
    select(_parts.c.hashtag, func.count().label("authors"), func.sum(_parts.c.posts).label("posts"), _score, func.now())
    .group_by(_parts.c.hashtag)
    .having(func.count() >= FEWEST_AUTHORS)
    .order_by(_score.desc(), _parts.c.hashtag)
    .limit(MOST_HASHTAGS)
)
_written = insert(TrendingHashtag).from_select(["hashtag", "authors", "posts", "score", "counted_at"], _counted)

_COUNT = Statement(
    _written.on_conflict_do_update(
        index_elements=["hashtag"],
        set_={name: _written.excluded[name] for name in ("authors", "posts", "score", "counted_at")},
    )
)

# now() is the same throughout a transaction: what was not counted in this one is no trend any more.
_FORGET = Statement(delete(TrendingHashtag).where(TrendingHashtag.counted_at < func.now()))
