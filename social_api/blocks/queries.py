"""What blocking asks of the database."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, Uuid, and_, bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from db.audience import has_blocked, is_active
from db.engine import Statement
from db.models import Block, Follow, FollowRequest, FriendRequest, User
from social_api.profiles.queries import summary

_ACTOR = bindparam("actor", type_=Uuid())
_PERSON = bindparam("person", type_=Uuid())


def _between(one: Any, other: Any) -> ColumnElement[bool]:
    return or_(and_(one == _ACTOR, other == _PERSON), and_(one == _PERSON, other == _ACTOR))


# Whom one has blocked is still there for blocking and unblocking; who blocked one first is not.
FIND = Statement(
    select(User.id).where(
        User.connect_id == func.lower(bindparam("connect_id", type_=Text())),
        is_active(User.id),
        or_(has_blocked(_ACTOR, User.id), ~has_blocked(User.id, _ACTOR)),
    )
)
BLOCK = Statement(insert(Block).values(blocker_id=_ACTOR, blocked_id=_PERSON).on_conflict_do_nothing())
UNBLOCK = Statement(delete(Block).where(Block.blocker_id == _ACTOR, Block.blocked_id == _PERSON))
END_FOLLOWS = Statement(delete(Follow).where(_between(Follow.follower_id, Follow.followed_id)))
END_FOLLOW_REQUESTS = Statement(
    delete(FollowRequest).where(_between(FollowRequest.follower_id, FollowRequest.followed_id))
)
# A rejected request stays: whoever may not ask again yet may not after blocking and unblocking either.
END_FRIENDSHIP = Statement(
    delete(FriendRequest).where(
        _between(FriendRequest.requester_id, FriendRequest.receiver_id), FriendRequest.status != "rejected"
    )
)
LIST = Statement(
    select(Block.id, Block.created_at, summary(User).label("person"))
    .join(User, User.id == Block.blocked_id)
    .where(Block.blocker_id == _ACTOR, Block.id < bindparam("before", type_=Uuid()), is_active(Block.blocked_id))
    .order_by(Block.id.desc())
    .limit(bindparam("limit", type_=Integer()))
)
