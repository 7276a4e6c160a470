"""What following asks of the database."""

from sqlalchemy import Integer, Uuid, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from db.audience import follows, is_visible
from db.engine import Statement
from db.models import Follow, FollowRequest, User
from social_api.profiles.queries import summary

_FOLLOWER = bindparam("follower", type_=Uuid())
_FOLLOWED = bindparam("followed", type_=Uuid())
_ID = bindparam("follow_request", type_=Uuid())

FOLLOWS = Statement(select(follows(_FOLLOWER, _FOLLOWED)))
# Locked, so that nobody who opens the account meanwhile overlooks the request that comes of it.
IS_PRIVATE = Statement(select(User.is_private).where(User.id == _FOLLOWED).with_for_update(read=True))
FOLLOW = Statement(insert(Follow).values(follower_id=_FOLLOWER, followed_id=_FOLLOWED).on_conflict_do_nothing())
UNFOLLOW = Statement(delete(Follow).where(Follow.follower_id == _FOLLOWER, Follow.followed_id == _FOLLOWED))
REQUEST = Statement(
    insert(FollowRequest)
    .values(follower_id=_FOLLOWER, followed_id=_FOLLOWED)
    .on_conflict_do_nothing()
    .returning(FollowRequest.id)
)
WITHDRAW = Statement(
    delete(FollowRequest).where(FollowRequest.follower_id == _FOLLOWER, FollowRequest.followed_id == _FOLLOWED)
)

_incoming = (FollowRequest.id == _ID) & (FollowRequest.followed_id == _FOLLOWED)
WHO_REQUESTED = Statement(select(FollowRequest.follower_id).where(_incoming))
TAKE = Statement(delete(FollowRequest).where(_incoming))
LIST = Statement(
    select(FollowRequest.id, FollowRequest.created_at, summary(User).label("person"))
    .join(User, User.id == FollowRequest.follower_id)
    .where(
        FollowRequest.followed_id == _FOLLOWED,
        FollowRequest.id < bindparam("before", type_=Uuid()),
        is_visible(FollowRequest.follower_id, _FOLLOWED),
    )
    .order_by(FollowRequest.id.desc())
    .limit(bindparam("limit", type_=Integer()))
)
