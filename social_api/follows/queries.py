"""What following asks of the database."""

from sqlalchemy import Uuid, bindparam, delete
from sqlalchemy.dialects.postgresql import insert

from db.engine import Statement
from db.models import Follow

_FOLLOWER = bindparam("follower", type_=Uuid())
_FOLLOWED = bindparam("followed", type_=Uuid())

FOLLOW = Statement(
    insert(Follow).values(follower_id=_FOLLOWER, followed_id=_FOLLOWED).on_conflict_do_nothing().returning(Follow.id)
)
UNFOLLOW = Statement(delete(Follow).where(Follow.follower_id == _FOLLOWER, Follow.followed_id == _FOLLOWED))
