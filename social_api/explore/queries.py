"""What explore asks of the database."""

from sqlalchemy import DateTime, bindparam, func, select
from sqlalchemy.orm import aliased

from db.audience import VIEWER, are_friends, can_view, follows, has_muted, is_published
from db.engine import Statement
from db.models import Post
from social_api.feed.muting import says_nothing_muted
from social_api.feed.queries import MOST_RANKED, engagement, score

NEWEST = 5_000
"""So many posts are looked at, whoever they are by: the cost is bounded whatever the viewer's relations are."""
MOST_OF_EACH = 10
"""So many of them count for each author: who writes a lot does not leave the others without a place."""

_newest = (
    select(Post.id, Post.user_id, Post.published_at, Post.repost_of)
    .where(
        Post.visibility == "public",
        is_published(),
        Post.published_at <= bindparam("before", type_=DateTime(timezone=True)),
    )
    .order_by(Post.published_at.desc(), Post.id.desc())
    .limit(NEWEST)
    .subquery("newest")
)
_by_time = (_newest.c.published_at.desc(), _newest.c.id.desc())
_of_each = (
    select(
        _newest.c.id,
        _newest.c.published_at,
        func.row_number().over(partition_by=_newest.c.user_id, order_by=_by_time).label("place"),
    )
    .where(_newest.c.repost_of.is_(None))
    .subquery("of_each")
)
_recent = (
    select(_of_each.c.id)
    .where(_of_each.c.place <= MOST_OF_EACH)
    .order_by(_of_each.c.published_at.desc(), _of_each.c.id.desc())
    .limit(MOST_RANKED)
    .subquery("recent")
)
_post = aliased(Post)
_score = score(_post)

# Everybody's best first, then everybody's second best: so nobody takes more than their part of a page.
CANDIDATES = Statement(
    select(_post.id, engagement(_post).label("engagement"))
    .join(_recent, _recent.c.id == _post.id)
    .where(
        _post.user_id != VIEWER,
        can_view(VIEWER, _post),
        ~follows(VIEWER, _post.user_id),
        ~are_friends(VIEWER, _post.user_id),
        ~has_muted(VIEWER, _post.user_id),
        says_nothing_muted(_post),
    )
    .order_by(
        func.row_number().over(partition_by=_post.user_id, order_by=(_score.desc(), _post.id.desc())),
        _score.desc(),
        _post.id.desc(),
    )
)
