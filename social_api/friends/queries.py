"""What friend requests ask of the database."""

from sqlalchemy import (
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from db.audience import are_friends, is_active, is_visible
from db.engine import Statement
from db.models import AudienceList, AudienceMember, FriendRequest, User
from social_api.profiles.queries import other_of, summary

_ACTOR = bindparam("actor", type_=Uuid())
_PERSON = bindparam("person", type_=Uuid())
_ID = bindparam("friend_request", type_=Uuid())
_STATUS = bindparam("status", type_=Text())
_DIRECTION = bindparam("direction", type_=Text())
_OTHER = aliased(User)
_OUTGOING = FriendRequest.requester_id == _ACTOR
_INCOMING = FriendRequest.receiver_id == _ACTOR

_between = or_(
    and_(FriendRequest.requester_id == _ACTOR, FriendRequest.receiver_id == _PERSON),
    and_(FriendRequest.requester_id == _PERSON, FriendRequest.receiver_id == _ACTOR),
)
BETWEEN = Statement(
    select(FriendRequest.id, FriendRequest.requester_id, FriendRequest.status, FriendRequest.updated_at).where(_between)
)
# Any two people have at most one row, whoever asked first. Asking again is a new request in it: it comes first in
# lists, and what was said to the old one's id says nothing to it.
_asked = insert(FriendRequest).values(requester_id=_ACTOR, receiver_id=_PERSON)
ASK = Statement(
    _asked.on_conflict_do_update(
        index_elements=[text("LEAST(requester_id, receiver_id)"), text("GREATEST(requester_id, receiver_id)")],
        set_={
            "id": _asked.excluded.id,
            "requester_id": _asked.excluded.requester_id,
            "receiver_id": _asked.excluded.receiver_id,
            "status": _asked.excluded.status,
            "created_at": _asked.excluded.created_at,
        },
    ).returning(FriendRequest.id)
)

_own_friends = union_all(
    select(FriendRequest.receiver_id.label("id")).where(
        FriendRequest.requester_id == _ACTOR, FriendRequest.status == "accepted"
    ),
    select(FriendRequest.requester_id).where(FriendRequest.receiver_id == _ACTOR, FriendRequest.status == "accepted"),
).subquery()
_has_friend_in_common = (
    select(_own_friends).where(is_active(_own_friends.c.id), are_friends(_own_friends.c.id, _PERSON)).exists()
)
_asked_by = User.settings["friend_requests_from"].astext
MAY_ASK = Statement(
    select(
        case(
            (_asked_by == "nobody", False),
            (_asked_by == "friends_of_friends", _has_friend_in_common),
            else_=True,
        )
    ).where(User.id == _PERSON)
)

WHOSE = Statement(select(other_of(_ACTOR)).where(FriendRequest.id == _ID, or_(_OUTGOING, _INCOMING)))
_settle = update(FriendRequest).where(FriendRequest.id == _ID, FriendRequest.status == "pending").values(status=_STATUS)
SETTLE_INCOMING = Statement(_settle.where(FriendRequest.receiver_id == _ACTOR))
SETTLE_OUTGOING = Statement(_settle.where(FriendRequest.requester_id == _ACTOR))

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
    .where(is_visible(_OTHER.id, _ACTOR))
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

UNFRIEND = Statement(
    update(FriendRequest).where(_between, FriendRequest.status == "accepted").values(status="withdrawn")
)
LEAVE_LISTS = Statement(
    delete(AudienceMember).where(
        AudienceList.id == AudienceMember.list_id,
        or_(
            and_(AudienceList.owner_id == _ACTOR, AudienceMember.member_id == _PERSON),
            and_(AudienceList.owner_id == _PERSON, AudienceMember.member_id == _ACTOR),
        ),
    )
)
