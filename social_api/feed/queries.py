"""The home feed as one question.

Each author is asked for their newest few posts before the cursor, through the index made for this (`idx_posts_feed`).
The page cannot begin later than the last of as many of these as it has places: so only authors with something newer
than that are asked again, for all that is newer. The cost follows the number of authors, little of it each, and what is
known of an author (that they are there, how the viewer stands to them) is found once and not for each post.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    DateTime,
    Float,
    Integer,
    Select,
    Uuid,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import LateralFromClause

from db.audience import VIEWER, has_muted, is_covered, is_published, is_visible
from db.engine import Statement
from db.models import Follow, FriendRequest, Like, MediaItem, Post, SavedPost, User
from social_api.feed.muting import says_nothing_muted

FRESHNESS_SECONDS = 12 * 60 * 60
"""So much younger is worth as much as e times the engagement."""
MOST_RANKED = 500

_AUTHOR = "author"
_LIMIT = bindparam("limit", type_=Integer())
_BEFORE = bindparam("before", type_=DateTime(timezone=True)), bindparam("before_id", type_=Uuid())


def engagement(post: type[Post] = Post) -> ColumnElement[int]:
    """What a post got: a comment weighs more than a like, passing it on most."""
    return post.like_count + 2 * post.comment_count + 3 * post.repost_count


def score(post: type[Post] = Post) -> ColumnElement[float]:
    """By what posts are ranked. It does not change as time passes, so nothing needs to be sorted again."""
    return (func.ln(1 + engagement(post)) + func.extract("epoch", post.published_at) / FRESHNESS_SECONDS).cast(Float)


_reasons = union_all(
    select(VIEWER.label("author"), literal("own").label("reason")),
    select(FriendRequest.receiver_id, literal("friend")).where(
        FriendRequest.status == "accepted", FriendRequest.requester_id == VIEWER
    ),
    select(FriendRequest.requester_id, literal("friend")).where(
        FriendRequest.status == "accepted", FriendRequest.receiver_id == VIEWER
    ),
    select(Follow.followed_id, literal("followed")).where(Follow.follower_id == VIEWER),
).subquery("reasons")

# A friend whom one follows too is here as a friend: of the reasons it is the greater one, by the alphabet.
_authors = (
    select(_reasons.c.author, func.max(_reasons.c.reason).label("reason"))
    .where(is_visible(_reasons.c.author), ~has_muted(VIEWER, _reasons.c.author))
    .group_by(_reasons.c.author)
    .cte("authors")
)


def _posts(
    of: CTE, limit: ColumnElement[int], *conditions: ColumnElement[bool], columns: tuple[Any, ...] = ()
) -> LateralFromClause:
    """The newest posts of each author before the cursor that the viewer may see and wants to."""
    own, friend = of.c.reason == "own", of.c.reason == "friend"
    return (
        select(Post.published_at, Post.id, *columns)
        .where(
            Post.user_id == of.c.author,
            is_published(),
            or_(own, and_(is_covered(circle=true(), friends=friend), says_nothing_muted())),
            tuple_(Post.published_at, Post.id) < tuple_(*_BEFORE),
            *conditions,
        )
        .order_by(Post.published_at.desc(), Post.id.desc())
        .limit(limit)
        .lateral()
    )


def _newest(*conditions: ColumnElement[bool], columns: tuple[Any, ...] = ()) -> Select[Any]:
    """The newest `limit` posts of all authors; `columns` are wanted of them beside what a page needs."""
    fair_share = select(1 + 2 * _LIMIT / func.count()).select_from(_authors).scalar_subquery()
    first = _posts(_authors, fair_share, *conditions)
    heads = select(_authors, first.c.published_at, first.c.id).join(first, true()).cte("heads")
    last = (
        select(heads.c.published_at, heads.c.id)
        .order_by(heads.c.published_at.desc(), heads.c.id.desc())
        .offset(_LIMIT - 1)
        .limit(1)
        .cte("last")
    )
    floor = (
        func.coalesce(select(last.c.published_at).scalar_subquery(), literal_column("'-infinity'::timestamptz")),
        func.coalesce(select(last.c.id).scalar_subquery(), literal(UUID(int=0), Uuid())),
    )
    above = (
        select(heads.c.author, heads.c.reason)
        .where(tuple_(heads.c.published_at, heads.c.id) >= tuple_(*floor))
        .distinct()
        .cte("above")
    )
    newest = _posts(above, _LIMIT, tuple_(Post.published_at, Post.id) >= tuple_(*floor), *conditions, columns=columns)
    return (
        select(above.c.author, above.c.reason, newest)
        .join(newest, true())
        .order_by(newest.c.published_at.desc(), newest.c.id.desc())
        .limit(_LIMIT)
    )


_page = _newest(columns=(literal_column("posts.xmin", BigInteger()).label("version"),)).cte("page")
_ids = func.array(select(_page.c.id).scalar_subquery())
_author, _repost = aliased(User, name=_AUTHOR), aliased(Post)
_files = select(literal_column("media_items.xmin", BigInteger())).where(MediaItem.post_id == _page.c.id)


def _among(found: Select[Any]) -> ColumnElement[bool]:
    """Whether a post of the page is among those: they are found once for the page, not once for each post."""
    return _page.c.id == func.any(func.array(found.scalar_subquery()))


# With versions of all that is shown of a post: PostgreSQL's xmin is another one after each change of a row.
LATEST = Statement(
    select(
        _page.c.id,
        _page.c.published_at,
        _page.c.reason,
        _page.c.version,
        literal_column(f"{_AUTHOR}.xmin", BigInteger()).label("author_version"),
        func.array(_files.scalar_subquery()).label("file_versions"),
        _among(
            select(Like.target_id).where(
                Like.user_id == VIEWER, Like.target_type == "post", Like.target_id == func.any(_ids)
            )
        ).label("liked"),
        _among(select(SavedPost.post_id).where(SavedPost.user_id == VIEWER, SavedPost.post_id == func.any(_ids))).label(
            "saved"
        ),
        _among(
            select(_repost.repost_of).where(
                _repost.user_id == VIEWER,
                _repost.repost_of == func.any(_ids),
                _repost.caption.is_(None),
                _repost.deleted_at.is_(None),
            )
        ).label("reposted"),
    )
    .join(_author, _author.id == _page.c.author)
    .order_by(_page.c.published_at.desc(), _page.c.id.desc())
)

CANDIDATES = Statement(
    _newest(
        Post.published_at > bindparam("since", type_=DateTime(timezone=True)),
        columns=(score().label("score"), engagement().label("engagement")),
    )
)

# What was ranked a while ago may be by somebody who was muted since.
STILL_WANTED = Statement(
    select(Post.id).where(
        Post.id == func.any(bindparam("posts", type_=ARRAY(Uuid()))),
        or_(Post.user_id == VIEWER, and_(~has_muted(VIEWER, Post.user_id), says_nothing_muted())),
    )
)
