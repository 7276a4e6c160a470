"""Suggestions as one question: whom the newest of one's friends and followed people know, and who was followed lately.

The work is bounded: AROUND friends of the viewer and as many followed people, THEIRS of each of these, and the LATELY
newest follows of all.

Who is in the middle may be named, since nothing is told that the viewer could not look up: friends and followers of
somebody may open their lists, private account or not (`db.audience.may_see_circle`), and the viewer is one of these for
everybody in the middle. The lists of who is suggested are not asked. Who is not there for the viewer is neither
suggested, nor named, nor counted.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    null,
    select,
    true,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on
from sqlalchemy.orm import aliased

from db.audience import VIEWER, follows, has_muted, is_visible
from db.engine import Statement
from db.models import Follow, FollowRequest, FriendRequest, User
from social_api.circles.queries import followed, friends, newest
from social_api.profiles.queries import summary

AROUND = 200
THEIRS = 100
LATELY = 2000
NAMED = 3

_AROUND = literal(AROUND, Integer())
_THEIRS = literal(THEIRS, Integer())
_LIMIT = bindparam("limit", type_=Integer())

_friends = newest(*friends(VIEWER), limit=_AROUND).subquery()
_followed = newest(followed(VIEWER), limit=_AROUND).subquery()
_friend = select(_friends.c.other.label("id")).where(is_visible(_friends.c.other)).cte("friend")
_known = union(select(_friend.c.id), select(_followed.c.other).where(is_visible(_followed.c.other))).cte("known")

_theirs = newest(*friends(_friend.c.id), limit=_THEIRS).lateral("theirs")
_liked = newest(followed(_known.c.id), limit=_THEIRS).lateral("liked")
_lately = select(Follow.followed_id).order_by(Follow.id.desc()).limit(LATELY).subquery("lately")
_found = union_all(
    select(_theirs.c.other.label("person"), literal(1).label("place"), _friend.c.id.label("middle")).join_from(
        _friend, _theirs, true()
    ),
    select(_liked.c.other, literal(2), _known.c.id).join_from(_known, _liked, true()),
    select(_lately.c.followed_id, literal(3), null().cast(Uuid())),
).subquery("found")


def _is_new(person: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the viewer has nothing with `person` yet, nor did either say no to the other."""
    asked, answered = aliased(FollowRequest), aliased(FriendRequest)
    return and_(
        person != VIEWER,
        ~follows(VIEWER, person),
        ~exists().where(asked.follower_id == VIEWER, asked.followed_id == person),
        ~exists().where(
            answered.requester_id == VIEWER, answered.receiver_id == person, answered.status != "withdrawn"
        ),
        ~exists().where(
            answered.receiver_id == VIEWER, answered.requester_id == person, answered.status != "withdrawn"
        ),
    )


_reasons = (
    select(
        _found.c.person,
        _found.c.place,
        (-func.count()).label("fewness"),
        func.array_agg(aggregate_order_by(_found.c.middle, _found.c.middle)).label("middles"),
    )
    .group_by(_found.c.person, _found.c.place)
    .subquery("reasons")
)
_best = (
    select(_reasons)
    .where(_is_new(_reasons.c.person))
    .ext(distinct_on(_reasons.c.person))
    .order_by(_reasons.c.person, _reasons.c.place)
    .subquery("best")
)
_order = (_best.c.place, _best.c.fewness, _best.c.person)
_after = tuple_(
    bindparam("place", type_=Integer()), bindparam("fewness", type_=Integer()), bindparam("after", type_=Uuid())
)
_ranked = select(_best).where(tuple_(*_order) > _after).order_by(*_order).subquery("ranked")


def _may_be_suggested(person: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether `person` is there for the viewer, wants to be found, and is not muted; asked until the page is full."""
    someone = aliased(User)
    wants = func.coalesce(someone.settings["discoverable"].astext, literal("true")) != "false"
    alone = select(someone.id).where(
        someone.id == person, is_visible(someone.id), wants, ~has_muted(VIEWER, someone.id)
    )
    return exists(alone.offset(0))


_shown = (
    select(_ranked.c.person, _ranked.c.place, _ranked.c.fewness, _ranked.c.middles[1:NAMED].label("middles"))
    .where(_may_be_suggested(_ranked.c.person))
    .order_by(_ranked.c.place, _ranked.c.fewness, _ranked.c.person)
    .limit(_LIMIT)
    .subquery("shown")
)
_middle = aliased(User)
_people = (
    select(func.jsonb_agg(aggregate_order_by(summary(_middle), _middle.id)))
    .where(_middle.id == func.any(_shown.c.middles))
    .scalar_subquery()
)
_kind = case(
    (_shown.c.place == 1, literal("mutual_friends")),
    (_shown.c.place == 2, literal("followed_by_friends")),
    else_=literal("popular"),
)
LIST = Statement(
    select(
        User.id,
        _shown.c.place,
        _shown.c.fewness,
        summary(User).label("person"),
        _kind.label("kind"),
        (-_shown.c.fewness).label("count"),
        func.coalesce(_people, func.jsonb_build_array()).label("people"),
    )
    .join(_shown, _shown.c.person == User.id)
    .order_by(_shown.c.place, _shown.c.fewness, _shown.c.person)
)
