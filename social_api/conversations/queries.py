"""What conversations ask of the database."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    ScalarSelect,
    Select,
    Uuid,
    bindparam,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import aliased

from db.audience import VIEWER, is_visible
from db.engine import Statement
from db.models import Conversation, ConversationParticipant, MatrixRoom, Message, User
from social_api.profiles.queries import summary

OTHERS_SHOWN = 8
PARTICIPANTS_SHOWN = 200
UNREAD_COUNTED = 100

_CONVERSATION = bindparam("conversation", type_=Uuid())

_mine = aliased(ConversationParticipant, name="mine")
_member = aliased(ConversationParticipant, name="member")
_person = aliased(User, name="person")
_last_read = aliased(Message, name="last_read")


def _is_in(participant: type[ConversationParticipant]) -> ColumnElement[bool]:
    return or_(participant.membership == "join", participant.membership == "invite")


def _members(*columns: Any) -> Select[Any]:
    """The people in the conversation of the outer query who are there for the viewer."""
    return (
        select(*columns)
        .select_from(_member)
        .join(_person, _person.id == _member.user_id)
        .where(_member.conversation_id == Conversation.id, _is_in(_member), is_visible(_person.id))
        .correlate(Conversation)
    )


def _others() -> ScalarSelect[Any]:
    first = (
        _members(summary(_person).label("person"), _member.joined_at, _member.id)
        .where(_member.user_id != VIEWER)
        .order_by(_member.joined_at, _member.id)
        .limit(OTHERS_SHOWN)
        .subquery("first")
    )
    return select(func.coalesce(func.jsonb_agg(first.c.person), func.jsonb_build_array())).scalar_subquery()


def _unread() -> ScalarSelect[int]:
    """Messages of others after the read cursor; before anything was read, since one is in the conversation."""
    new = (
        select(literal(1))
        .where(
            Message.conversation_id == Conversation.id,
            Message.sender_id != VIEWER,
            Message.redacted_at.is_(None),
            Message.created_at > func.coalesce(_last_read.created_at, _mine.read_at, _mine.joined_at),
        )
        .correlate(Conversation, _mine, _last_read)
        .limit(UNREAD_COUNTED)
        .subquery("new")
    )
    return select(func.count()).select_from(new).scalar_subquery()


_active_at = func.coalesce(Conversation.last_message_at, Conversation.created_at)
_conversations = (
    select(
        Conversation.id,
        Conversation.type,
        Conversation.title,
        Conversation.encrypted,
        MatrixRoom.room_id,
        _mine.membership,
        _others().label("others"),
        _members(func.count()).scalar_subquery().label("participant_count"),
        _unread().label("unread"),
        Conversation.created_at,
        Conversation.last_message_at,
        _active_at.label("active_at"),
    )
    .join(_mine, _mine.conversation_id == Conversation.id)
    .outerjoin(MatrixRoom, (MatrixRoom.conversation_id == Conversation.id) & MatrixRoom.current)
    .outerjoin(_last_read, _last_read.id == _mine.last_read_message_id)
    .where(_mine.user_id == VIEWER, _is_in(_mine))
)
LIST = Statement(
    _conversations.where(
        tuple_(_active_at, Conversation.id)
        < tuple_(bindparam("before", type_=DateTime(timezone=True)), bindparam("before_id", type_=Uuid()))
    )
    .order_by(_active_at.desc(), Conversation.id.desc())
    .limit(bindparam("limit", type_=Integer()))
)
SHOW = Statement(_conversations.where(Conversation.id == _CONVERSATION))
PARTICIPANTS = Statement(
    select(summary(_person).label("person"), _member.role, _member.membership, _member.joined_at)
    .join(_person, _person.id == _member.user_id)
    .where(_member.conversation_id == _CONVERSATION, _is_in(_member), is_visible(_person.id))
    .order_by(_member.joined_at, _member.id)
    .limit(PARTICIPANTS_SHOWN)
)
