"""What circles ask of the database.

A page is a walk along an index, from the newest row on, until it is full: the cost follows the page and not how many
followers there are. Mutuals are looked for among those whom the viewer knows, at worst among all of these.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Uuid,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from db.audience import VIEWER, Person, are_friends, follows, is_visible, may_see_circle
from db.engine import Statement
from db.models import Follow, FollowRequest, FriendRequest, User
from social_api.profiles.queries import summary

_PERSON: ColumnElement[Any] = bindparam("person", type_=Uuid())
_BEFORE = bindparam("before", type_=Uuid())
_LIMIT = bindparam("limit", type_=Integer())

Walk = Select[UUID, UUID]
"""Rows of one index, of which each has an `id`, the newer the greater, and leads to an `other` person.

The one from whom they lead away is a parameter or a column of the statement around, however far out.
"""


def followers(person: Person) -> Walk:
    """Who follows `person`."""
    follow = aliased(Follow)
    return (
        select(follow.id, follow.follower_id.label("other"))
        .where(follow.followed_id == person)
        .correlate_except(follow)
    )


def followed(person: Person) -> Walk:
    """Whom `person` follows."""
    follow = aliased(Follow)
    return (
        select(follow.id, follow.followed_id.label("other"))
        .where(follow.follower_id == person)
        .correlate_except(follow)
    )


def friends(person: Person) -> tuple[Walk, Walk]:
    """The friends whom `person` has asked, and those who have asked them."""
    asked, asking = aliased(FriendRequest), aliased(FriendRequest)
    # no parameter: also the plan for any parameters must know that the indexes of friendships alone will do
    accepted: ColumnElement[str] = literal_column("'accepted'")
    have_asked = select(asked.id, asked.receiver_id.label("other")).correlate_except(asked)
    were_asked = select(asking.id, asking.requester_id.label("other")).correlate_except(asking)
    return (
        have_asked.where(asked.requester_id == person, asked.status == accepted),
        were_asked.where(asking.receiver_id == person, asking.status == accepted),
    )


def newest(*walks: Walk, limit: ColumnElement[int]) -> Walk:
    """The first rows of several walks together; each of them ends after `limit`, so none is read as a whole."""
    ended = union_all(*(walk.order_by(walk.selected_columns.id.desc()).limit(limit) for walk in walks)).subquery()
    return select(ended.c.id, ended.c.other).order_by(ended.c.id.desc()).limit(limit)


def _seen(walk: Walk, *rules: Callable[[Person], ColumnElement[bool]]) -> Walk:
    """Those of `walk` whom the viewer may see and who keep `rules`.

    OFFSET makes each a question of its own. Left to itself PostgreSQL reads first all that could answer them, such as
    every follower somebody has, to show twenty.
    """
    someone = aliased(User)
    kept = (rule(someone.id) for rule in rules)
    alone = select(someone.id).where(someone.id == walk.selected_columns.other, is_visible(someone.id), *kept).offset(0)
    return walk.where(walk.selected_columns.id < _BEFORE, exists(alone))


def _standing() -> ColumnElement[Any]:
    """A `Standing` as JSON, NULL for the viewer."""
    requested = exists().where(FollowRequest.follower_id == VIEWER, FollowRequest.followed_id == User.id)
    standing = func.jsonb_build_object(
        "following", follows(VIEWER, User.id),
        "requested", requested,
        "followed_by", follows(User.id, VIEWER),
        "friend", are_friends(User.id, VIEWER),
    )  # fmt: skip  # name and value side by side
    return case((User.id != VIEWER, standing))


def _page(*walks: Walk) -> Statement:
    """Whom `walks` lead to, newest first."""
    shown = newest(*walks, limit=_LIMIT).subquery("shown")
    return Statement(
        select(shown.c.id, summary(User).label("person"), _standing().label("relation"))
        .join(User, User.id == shown.c.other)
        .order_by(shown.c.id.desc())
    )


def _is_around(someone: Person) -> ColumnElement[bool]:
    return or_(follows(someone, _PERSON), are_friends(someone, _PERSON))


def _is_not_followed(someone: Person) -> ColumnElement[bool]:
    return ~follows(VIEWER, someone)


IS_OPEN = Statement(select(may_see_circle(_PERSON)))
FOLLOWERS = _page(_seen(followers(_PERSON)))
FOLLOWING = _page(_seen(followed(_PERSON)))
FRIENDS = _page(*(_seen(walk) for walk in friends(_PERSON)))
# Whom the viewer both follows and is friends with is there once, as followed.
MUTUALS = _page(
    _seen(followed(VIEWER), _is_around),
    *(_seen(walk, _is_around, _is_not_followed) for walk in friends(VIEWER)),
)
