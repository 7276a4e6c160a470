"""The home feed as one question.

Each author is asked for their newest posts before the cursor, through the index made for this (`idx_posts_feed`), and
the newest of all of these are the page: the cost follows the number of authors, not of posts.
"""

from sqlalchemy import DateTime, Integer, Uuid, bindparam, func, literal, or_, select, true, tuple_, union_all

from db.audience import VIEWER, can_view, is_published
from db.engine import Statement
from db.models import Follow, FriendRequest, Post
from social_api.profiles.queries import other_of

_LIMIT = bindparam("limit", type_=Integer())

_reasons = union_all(
    select(VIEWER.label("author"), literal("own").label("reason")),
    select(other_of(VIEWER), literal("friend")).where(
        FriendRequest.status == "accepted",
        or_(FriendRequest.requester_id == VIEWER, FriendRequest.receiver_id == VIEWER),
    ),
    select(Follow.followed_id, literal("followed")).where(Follow.follower_id == VIEWER),
).subquery("reasons")

# A friend whom one follows too is here as a friend: of the reasons it is the greater one, by the alphabet.
_authors = (
    select(_reasons.c.author, func.max(_reasons.c.reason).label("reason"))
    .group_by(_reasons.c.author)
    .subquery("authors")
)

_newest = (
    select(Post.id, Post.published_at)
    .where(
        Post.user_id == _authors.c.author,
        is_published(),
        can_view(),
        tuple_(Post.published_at, Post.id)
        < tuple_(bindparam("before", type_=DateTime(timezone=True)), bindparam("before_id", type_=Uuid())),
    )
    .order_by(Post.published_at.desc(), Post.id.desc())
    .limit(_LIMIT)
    .lateral("newest")
)

LATEST = Statement(
    select(_newest.c.id, _newest.c.published_at, _authors.c.reason)
    .select_from(_authors.join(_newest, true()))
    .order_by(_newest.c.published_at.desc(), _newest.c.id.desc())
    .limit(_LIMIT)
)
