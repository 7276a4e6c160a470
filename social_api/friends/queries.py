"""What friend requests ask of the database."""

from sqlalchemy import Integer, Text, Uuid, and_, bindparam, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from db.engine import Statement
from db.models import FriendRequest, User
from social_api.profiles.queries import other_of, summary

_ACTOR = bindparam("actor", type_=Uuid())
_PERSON = bindparam("person", type_=Uuid())
_ID = bindparam("friend_request", type_=Uuid())
_STATUS = bindparam("status", type_=Text())
_DIRECTION = bindparam("direction", type_=Text())
_OTHER = aliased(User)

# Any two people have at most one row, whoever asked first: a unique index over the pair holds it.
ASK = Statement(
    insert(FriendRequest)
    .values(requester_id=_ACTOR, receiver_id=_PERSON)
    .on_conflict_do_nothing()
    .returning(FriendRequest.id)
)
LOCK_PAIR = Statement(
    select(FriendRequest.id, FriendRequest.requester_id, FriendRequest.status, FriendRequest.updated_at)
    .where(
        or_(
            and_(FriendRequest.requester_id == _ACTOR, FriendRequest.receiver_id == _PERSON),
            and_(FriendRequest.requester_id == _PERSON, FriendRequest.receiver_id == _ACTOR),
        )
    )
    .with_for_update()
)
# Asking again is a new request: it comes first in lists, and what was said to the old one's id says nothing to it.
ASK_AGAIN = Statement(
    update(FriendRequest)
    .where(FriendRequest.id == _ID)
    .values(
        id=func.uuidv7(),
        requester_id=_ACTOR,
        receiver_id=_PERSON,
        status="pending",
        created_at=func.now(),
    )
    .returning(FriendRequest.id)
)

_settle = update(FriendRequest).where(FriendRequest.id == _ID, FriendRequest.status == "pending").values(status=_STATUS)
SETTLE_INCOMING = Statement(_settle.where(FriendRequest.receiver_id == _ACTOR))
SETTLE_OUTGOING = Statement(_settle.where(FriendRequest.requester_id == _ACTOR))

_OUTGOING = FriendRequest.requester_id == _ACTOR
_INCOMING = FriendRequest.receiver_id == _ACTOR
_REQUESTS = (
    select(
        FriendRequest.id,
        FriendRequest.status,
        case((_OUTGOING, "outgoing"), else_="incoming").label("direction"),
        summary(_OTHER).label("person"),
        FriendRequest.created_at,
        FriendRequest.updated_at,
    )
    .join(_OTHER, _OTHER.id == other_of(_ACTOR))
    .where(_OTHER.status == "active")
)
SHOW = Statement(_REQUESTS.where(FriendRequest.id == _ID, or_(_OUTGOING, _INCOMING)))
LIST = Statement(
    _REQUESTS.where(
        or_(and_(_OUTGOING, _DIRECTION != "incoming"), and_(_INCOMING, _DIRECTION != "outgoing")),
        FriendRequest.status == _STATUS,
        FriendRequest.id < bindparam("before", type_=Uuid()),
    )
    .order_by(FriendRequest.id.desc())
    .limit(bindparam("limit", type_=Integer()))
)
