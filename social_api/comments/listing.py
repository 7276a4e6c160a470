"""The lists of comments, as questions to the database and as places in them.

A list of threads begins with the pinned ones. A cursor remembers which of them were shown up there, and only those are
left out below: so whatever is pinned or unpinned between two pages, every comment comes once. `top` is a walk through
counts that move meanwhile: a comment whose likes change between two pages may come again or be passed over, no other.
"""

from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from asyncpg import Record
from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Integer,
    Uuid,
    bindparam,
    func,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from db.audience import can_view_comment
from db.engine import Statement, Transaction
from db.models import Comment, Post
from social_api.auth import Actor
from social_api.comments.queries import COMMENT, MOST_PINNED, POST
from social_api.comments.schemas import CommentView, Sort, ThreadView
from social_api.comments.views import load
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page
from social_api.posts.finding import check_visible
from social_api.problems import BadCursor

PREVIEWS = 2
"""Replies shown beside the head of a thread."""

FIRST, _LAST = UUID(int=0), UUID(int=2**128 - 1)
_MOST_LIKES = 2**31 - 1


class Place(NamedTuple):
    """After the comment with this id and so many likes, where `pinned` were shown above the list."""

    sort: Sort
    likes: int
    comment: UUID
    pinned: list[UUID]


async def threads(
    tx: Transaction, actor: Actor, post: UUID, sort: Sort, page: Page, *, links: LinkSigner
) -> Listing[ThreadView]:
    """A page of the threads on a post; raises NotFound, and BadCursor also for the cursor of another order."""
    place = page.after(Place)
    after = place or _beginning(sort, [])
    if after.sort != sort:
        raise BadCursor
    await check_visible(tx, actor, post)
    rows = await tx.rows(
        THREADS[sort],
        post=post,
        viewer=actor.user_id,
        begins=place is None,
        after=after.comment,
        pinned=after.pinned,
        limit=page.fetch,
        **({"likes": after.likes} if sort == "top" else {}),
    )
    above = [row["id"] for row in rows[: page.limit] if row["pinned_at"] is not None] or after.pinned

    def key(row: Record) -> Place:
        is_above = row["pinned_at"] is not None
        return _beginning(sort, above) if is_above else Place(sort, row["like_count"], row["id"], above)

    found = page.listing(rows, lambda row: row, key)
    shown = [each for row in found.items for each in (row["id"], *row["latest"])]
    comments = await load(tx, actor, shown, links)
    # One that went away between the two statements is left out; the cursor does not need it.
    items = [_thread(row, comments) for row in found.items if row["id"] in comments]
    return Listing(items=items, next=found.next)


def _thread(row: Record, comments: dict[UUID, CommentView]) -> ThreadView:
    latest = [comments[each] for each in reversed(row["latest"]) if each in comments]
    return ThreadView(**msgspec.structs.asdict(comments[row["id"]]), latest_replies=latest)


def _beginning(sort: Sort, pinned: list[UUID]) -> Place:
    """Before all that is not pinned."""
    return Place(sort, _MOST_LIKES, FIRST if sort == "oldest" else _LAST, pinned)


_LIMIT = bindparam("limit", type_=Integer())
_BEGINS = bindparam("begins", type_=Boolean())
_LIKES = bindparam("likes", type_=Integer())
_AFTER = bindparam("after", type_=Uuid())
_ABOVE = bindparam("pinned", type_=ARRAY(Uuid()))

_heads = (
    select(Comment.id, Comment.like_count)
    .join(Post, Post.id == Comment.post_id)
    .where(Comment.post_id == POST, Comment.thread_id.is_(None), can_view_comment())
)
_pinned = (
    _heads.add_columns(Comment.pinned_at)
    .where(Comment.pinned_at.is_not(None), _BEGINS)
    .order_by(Comment.pinned_at.desc())
    .limit(MOST_PINNED)
)
_reply = aliased(Comment)


def _threads(after: ColumnElement[bool], *order: str) -> Statement:
    """Heads that come `after` a place, with their newest replies; the first page `begins` with the pinned ones.

    `order` names columns, backwards with a minus before.
    """
    others = (
        _heads.add_columns(null().label("pinned_at"))
        .where(after, Comment.id != func.all(_ABOVE), or_(Comment.pinned_at.is_(None), ~_BEGINS))
        .order_by(*_columns(Comment.__table__.c, order))
        .limit(_LIMIT)
    )
    page = union_all(_pinned, others).subquery("page")
    latest = (
        select(_reply.id)
        .where(_reply.thread_id == page.c.id, can_view_comment(comment=_reply))
        .order_by(_reply.id.desc())
        .limit(PREVIEWS)
        .correlate(page, Post)
        .scalar_subquery()
    )
    return Statement(
        select(page.c.id, page.c.like_count, page.c.pinned_at, func.array(latest, type_=ARRAY(Uuid())).label("latest"))
        .join(Post, Post.id == POST)
        .order_by(page.c.pinned_at.desc().nulls_last(), *_columns(page.c, order))
    )


def _columns(table: Any, names: tuple[str, ...]) -> list[ColumnElement[Any]]:
    return [table[name[1:]].desc() if name.startswith("-") else table[name] for name in names]


THREADS: dict[Sort, Statement] = {
    "top": _threads(tuple_(Comment.like_count, Comment.id) < tuple_(_LIKES, _AFTER), "-like_count", "-id"),
    "newest": _threads(Comment.id < _AFTER, "-id"),
    "oldest": _threads(Comment.id > _AFTER, "id"),
}

_asked = aliased(Comment)
# All of a thread for its head; for an answer, those that answer it.
REPLIES = Statement(
    select(Comment.id)
    .join(Post, Post.id == Comment.post_id)
    .join(_asked, _asked.id == COMMENT)
    .where(
        Comment.thread_id == func.coalesce(_asked.thread_id, _asked.id),
        or_(_asked.thread_id.is_(None), Comment.parent_comment_id == _asked.id),
        Comment.id > _AFTER,
        can_view_comment(),
    )
    .order_by(Comment.id)
    .limit(_LIMIT)
)
