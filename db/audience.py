"""Who may see what: one expression, put into every read. What one may not see is answered as what does not exist."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, Uuid, and_, bindparam, exists, or_

from db.models.people import User
from db.models.posts import Post
from db.models.relations import FriendRequest

VIEWER: ColumnElement[UUID] = bindparam("viewer", type_=Uuid())
"""The parameter most statements name their reader with."""


def can_view(viewer: SQLColumnExpression[UUID] = VIEWER) -> ColumnElement[bool]:
    """Whether `viewer` may see the post in `Post`.

    The author always, until it is deleted. Anyone else when it is published and not removed, its author is active and
    its visibility covers the viewer; a visibility without a rule here covers nobody.
    """
    covered = or_(Post.visibility == "public", and_(Post.visibility == "friends", are_friends(Post.user_id, viewer)))
    return and_(
        Post.deleted_at.is_(None), or_(Post.user_id == viewer, and_(is_published(), is_active(Post.user_id), covered))
    )


def is_published() -> ColumnElement[bool]:
    """Whether the post in `Post` is out: in these words, because the index of feeds is defined by them."""
    return and_(Post.published_at.is_not(None), Post.deleted_at.is_(None), Post.removed_at.is_(None))


def is_active(user_id: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """Whether that person is neither suspended, deactivated nor erased."""
    return exists().where(User.id == user_id, User.status == "active")


def are_friends(one: SQLColumnExpression[UUID], other: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """Whether a request between the two, in either direction, was accepted.

    Two questions and not one with OR in it: so PostgreSQL may answer each for many posts at once, from a hash.
    """
    return or_(_accepted(one, other), _accepted(other, one))


def _accepted(requester: SQLColumnExpression[UUID], receiver: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    request = FriendRequest
    return exists().where(
        request.status == "accepted", request.requester_id == requester, request.receiver_id == receiver
    )
