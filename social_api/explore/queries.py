"""What explore asks of the database."""

from sqlalchemy import DateTime, bindparam, func, select
from sqlalchemy.orm import aliased

from db.audience import VIEWER, are_friends, can_view, follows, has_muted, is_published
from db.engine import Statement
from db.models import Post
from social_api.feed.muting import says_nothing_muted
from social_api.feed.queries import MOST_RANKED, engagement, score

# So many of the newest are looked at, whoever they are by: the cost is bounded whatever the viewer's relations are.
_recent = (
    select(Post)
    .where(
        Post.visibility == "public",
        is_published(),
        Post.published_at <= bindparam("before", type_=DateTime(timezone=True)),
    )
    .order_by(Post.published_at.desc(), Post.id.desc())
    .limit(MOST_RANKED)
    .subquery("recent")
)
_post = aliased(Post, _recent)
_score = score(_post)

# Everybody's best first, then everybody's second best: so nobody takes more than their part of a page.
CANDIDATES = Statement(
    select(_post.id, engagement(_post).label("engagement"))
    .where(
        _post.user_id != VIEWER,
        _post.repost_of.is_(None),
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
