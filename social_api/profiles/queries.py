"""What profiles ask of the database."""

from typing import Any

from sqlalchemy import ColumnElement, Text, Uuid, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from db.audience import are_friends, can_view, follows, has_muted, is_published, is_visible
from db.engine import Statement
from db.models import Follow, FollowRequest, FormerHandle, FriendRequest, MatrixAccount, Post, User

_VIEWER = bindparam("viewer", type_=Uuid())
_CONNECT_ID = bindparam("connect_id", type_=Text())


def summary(person: type[User]) -> ColumnElement[Any]:
    """A `PersonSummary` as JSON, so that it is one column wherever it stands."""
    return func.jsonb_build_object(
        "id", person.id,
        "connect_id", person.connect_id,
        "display_name", person.display_name,
        "profile_pic_url", person.profile_pic_url,
        "verified", person.verified_status == "verified",
    )  # fmt: skip  # name and value side by side


def other_of(person: ColumnElement[Any] | Any) -> ColumnElement[Any]:
    """The one of a friend request's two people who is not `person`."""
    return case((FriendRequest.requester_id == person, FriendRequest.receiver_id), else_=FriendRequest.requester_id)


# Handles are stored in lower case.
_NAMED = and_(User.connect_id == func.lower(_CONNECT_ID), is_visible(User.id, _VIEWER))

FIND = Statement(select(User.id).where(_NAMED))
IS_VISIBLE = Statement(select(is_visible(bindparam("person", type_=Uuid()), _VIEWER)))

MOST_CHECKED = 1_000
_OTHER = aliased(User)


def _others(relation: Any, other: Any, *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    """How many people the rows of `relation` lead to: of up to MOST_CHECKED those who are active, of more all.

    To count rows is a walk along an index; to look at each person took 0.1 s for somebody whom 26,000 follow.
    """
    active = select(_OTHER.id).select_from(relation).join(_OTHER, _OTHER.id == other)
    some = active.where(_OTHER.status == "active", *conditions).limit(MOST_CHECKED + 1).correlate(User).subquery()
    checked = select(func.count()).select_from(some).scalar_subquery()
    every = select(func.count()).select_from(relation).where(*conditions).correlate(User).scalar_subquery()
    return func.coalesce(func.nullif(checked, MOST_CHECKED + 1), every)


_PENDING = (
    select(
        func.jsonb_build_object(
            "id",
            FriendRequest.id,
            "direction",
            case((FriendRequest.requester_id == _VIEWER, "outgoing"), else_="incoming"),
        )
    )
    .where(
        FriendRequest.status == "pending",
        or_(
            and_(FriendRequest.requester_id == _VIEWER, FriendRequest.receiver_id == User.id),
            and_(FriendRequest.requester_id == User.id, FriendRequest.receiver_id == _VIEWER),
        ),
    )
    .correlate(User)
    .scalar_subquery()
)

SHOW = Statement(
    select(
        User.id,
        User.connect_id,
        User.display_name,
        User.bio,
        User.profile_pic_url,
        User.cover_url,
        (User.verified_status == "verified").label("verified"),
        User.is_private,
        User.created_at,
        _others(Follow, Follow.follower_id, Follow.followed_id == User.id).label("followers"),
        _others(Follow, Follow.followed_id, Follow.follower_id == User.id).label("following"),
        _others(
            FriendRequest,
            other_of(User.id),
            FriendRequest.status == "accepted",
            or_(FriendRequest.requester_id == User.id, FriendRequest.receiver_id == User.id),
        ).label("friends"),
        select(func.count())
        .select_from(Post)
        .where(Post.user_id == User.id, is_published(), can_view(_VIEWER, author=User.id))
        .correlate(User)
        .scalar_subquery()
        .label("posts"),
        follows(_VIEWER, User.id).label("follows"),
        exists().where(FollowRequest.follower_id == _VIEWER, FollowRequest.followed_id == User.id).label("requested"),
        follows(User.id, _VIEWER).label("followed_by"),
        are_friends(_VIEWER, User.id).label("friend"),
        _PENDING.label("request"),
        has_muted(_VIEWER, User.id).label("muted"),
    ).where(_NAMED)
)

_named = aliased(User)
_holder = select(_named.id).where(_named.connect_id == func.lower(_CONNECT_ID)).scalar_subquery()
_former_holder = (
    select(FormerHandle.user_id).where(FormerHandle.connect_id == func.lower(_CONNECT_ID)).scalar_subquery()
)
NOW_CALLED = Statement(select(User.connect_id).where(User.id == _former_holder, is_visible(User.id, _VIEWER)))
CARD = Statement(
    select(
        User.connect_id,
        User.display_name,
        User.profile_pic_url,
        (User.verified_status == "verified").label("verified"),
        MatrixAccount.mxid,
    )
    .join(MatrixAccount, MatrixAccount.user_id == User.id, isouter=True)
    .where(User.id == func.coalesce(_holder, _former_holder), is_visible(User.id, _VIEWER))
)
