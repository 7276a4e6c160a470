"""Statements about rooms, conversations, who takes part in them, and messages."""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from appservice.conversations.stored import is_state, text_of
from db.engine import Statement
from db.models.conversations import Conversation, ConversationParticipant, Message
from db.models.inbox import Inbox
from db.models.matrix import DirectPair, MatrixRoom

PRESENT = ("join", "invite")
_present_words = func.any(literal(list(PRESENT), ARRAY(Text)))
_at = bindparam("at", type_=DateTime(timezone=True))
_conversation = bindparam("conversation", type_=Uuid())
_user = bindparam("user", type_=Uuid())
_room = bindparam("room", type_=Text)


# A newer event of the same state has been worked through already: this one was lost on its way and found again.
IS_SUPERSEDED = Statement(
    select(
        exists().where(
            Inbox.room_id == _room,
            text_of(Inbox, "type") == bindparam("kind", type_=Text),
            is_state(Inbox),
            text_of(Inbox, "state_key") == bindparam("state_key", type_=Text),
            cast(text_of(Inbox, "origin_server_ts"), BigInteger) > bindparam("sent", type_=BigInteger),
            Inbox.done_at.is_not(None),
        )
    )
)

# --- rooms

# One statement, so that a room and its conversation are born together whoever sees it first.
_born = (
    insert(MatrixRoom)
    .values(room_id=_room, conversation_id=func.uuidv7(), created_at=_at)
    .on_conflict_do_nothing()
    .returning(MatrixRoom.conversation_id)
    .cte("born")
)
OPEN_ROOM = Statement(
    insert(Conversation).from_select(
        ["id", "type", "created_at"], select(_born.c.conversation_id, literal("group"), _at)
    )
)

# Held until the end of the transaction, so that its conversation stays the same (upgrades.py).
ROOM = Statement(
    select(MatrixRoom.conversation_id, MatrixRoom.current, MatrixRoom.encrypted)
    .where(MatrixRoom.room_id == _room)
    .with_for_update(read=True)
)

ENCRYPT_ROOM = Statement(
    update(MatrixRoom).where(MatrixRoom.room_id == _room, ~MatrixRoom.encrypted).values(encrypted=True)
)
ENCRYPT_CONVERSATION = Statement(
    update(Conversation).where(Conversation.id == _conversation, ~Conversation.encrypted).values(encrypted=True)
)
NAME_CONVERSATION = Statement(
    update(Conversation).where(Conversation.id == _conversation).values(title=bindparam("title", type_=Text))
)
CLOSE_ROOM = Statement(
    update(MatrixRoom).where(MatrixRoom.room_id == _room, MatrixRoom.tombstoned_at.is_(None)).values(tombstoned_at=_at)
)

# --- who takes part

_participant = insert(ConversationParticipant).values(
    conversation_id=_conversation,
    user_id=_user,
    membership=bindparam("membership", type_=Text),
    joined_at=_at,
    left_at=case((bindparam("membership", type_=Text) == func.any(literal(["leave", "ban"], ARRAY(Text))), _at)),
)
_joins = and_(_participant.excluded.membership == "join", ConversationParticipant.membership != "join")
SET_MEMBERSHIP = Statement(
    _participant.on_conflict_do_update(
        index_elements=["conversation_id", "user_id"],
        set_={
            "membership": _participant.excluded.membership,
            "joined_at": case((_joins, _participant.excluded.joined_at), else_=ConversationParticipant.joined_at),
            "left_at": _participant.excluded.left_at,
        },
    )
)

# Creators outrank everyone and are known before they join: until then they have left.
ADD_OWNERS = Statement(
    insert(ConversationParticipant)
    .from_select(
        ["conversation_id", "user_id", "role", "membership", "left_at"],
        select(
            _conversation, func.unnest(bindparam("users", type_=ARRAY(Uuid()))), literal("owner"), literal("leave"), _at
        ),
    )
    .on_conflict_do_update(index_elements=["conversation_id", "user_id"], set_={"role": "owner"})
)

_present = (
    select(func.count())
    .where(
        ConversationParticipant.conversation_id == Conversation.id, ConversationParticipant.membership == _present_words
    )
    .scalar_subquery()
)
_few, _many = _present <= 2, _present > 2
MAKE_DIRECT = Statement(
    update(Conversation).where(Conversation.id == _conversation, Conversation.type == "group", _few).values(type="dm")
)
MAKE_GROUP = Statement(
    update(Conversation).where(Conversation.id == _conversation, Conversation.type == "dm", _many).values(type="group")
)

OTHERS = Statement(
    select(ConversationParticipant.user_id).where(
        ConversationParticipant.conversation_id == _conversation,
        ConversationParticipant.membership == "join",
        ConversationParticipant.user_id != _user,
    )
)

# --- messages

ADD_MESSAGE = Statement(
    insert(Message)
    .values(
        conversation_id=_conversation,
        sender_id=_user,
        payload_pointer=bindparam("event_id", type_=Text),
        event_type=bindparam("kind", type_=Text),
        mime_type=bindparam("mime_type", type_=Text),
        msg_type=bindparam("msg_type", type_=Text),
        relates_to=bindparam("relates_to", type_=Text),
        created_at=_at,
        redacted_at=bindparam("redacted_at", type_=DateTime(timezone=True)),
    )
    .on_conflict_do_nothing()
    .returning(Message.id)
)
TOUCH_CONVERSATION = Statement(
    update(Conversation)
    .where(
        Conversation.id == _conversation,
        or_(Conversation.last_message_at.is_(None), Conversation.last_message_at < _at),
    )
    .values(last_message_at=_at)
)
REDACT_MESSAGE = Statement(
    update(Message)
    .where(
        Message.conversation_id == _conversation,
        Message.payload_pointer == bindparam("event_id", type_=Text),
        Message.redacted_at.is_(None),
    )
    .values(redacted_at=_at)
)

# "Read up to here": what was read may be no message of ours (a reaction), then the time of reading says up to where.
_read, _earlier = aliased(Message), aliased(Message)
_read_at = (
    select(_read.created_at)
    .where(_read.conversation_id == _conversation, _read.payload_pointer == bindparam("event_id", type_=Text))
    .scalar_subquery()
)
_last_read = (
    select(_earlier.id)
    .where(_earlier.conversation_id == _conversation, _earlier.created_at <= func.coalesce(_read_at, _at))
    .order_by(_earlier.created_at.desc(), _earlier.id.desc())
    .limit(1)
    .scalar_subquery()
)
MOVE_READ_CURSOR = Statement(
    update(ConversationParticipant)
    .where(
        ConversationParticipant.conversation_id == _conversation,
        ConversationParticipant.user_id == _user,
        or_(ConversationParticipant.read_at.is_(None), ConversationParticipant.read_at <= _at),
    )
    .values(read_event_id=bindparam("event_id", type_=Text), read_at=_at, last_read_message_id=_last_read)
)

# --- direct chats

_pair = (
    DirectPair.user_low == bindparam("low", type_=Uuid()),
    DirectPair.user_high == bindparam("high", type_=Uuid()),
)
PAIRED_ROOM = Statement(
    select(MatrixRoom.room_id)
    .select_from(DirectPair)
    .join(MatrixRoom, and_(MatrixRoom.conversation_id == DirectPair.conversation_id, MatrixRoom.current))
    .where(*_pair)
)

# The oldest encrypted direct chat of exactly these two, made by one of them in a Matrix client.
_one, _other, _third = (aliased(ConversationParticipant) for _ in range(3))
EXISTING_DIRECT = Statement(
    select(MatrixRoom.room_id)
    .join(Conversation, Conversation.id == MatrixRoom.conversation_id)
    .join(_one, and_(_one.conversation_id == Conversation.id, _one.user_id == bindparam("low", type_=Uuid())))
    .join(_other, and_(_other.conversation_id == Conversation.id, _other.user_id == bindparam("high", type_=Uuid())))
    .where(
        MatrixRoom.current,
        MatrixRoom.encrypted,
        Conversation.type == "dm",
        _one.membership == _present_words,
        _other.membership == _present_words,
        ~exists().where(
            _third.conversation_id == Conversation.id,
            _third.membership == _present_words,
            _third.user_id.not_in([_one.user_id, _other.user_id]),
        ),
    )
    .order_by(Conversation.created_at, Conversation.id)
    .limit(1)
)

# Another conversation stands there only when its room is dead: commands for one pair agree on the room.
_paired = insert(DirectPair).values(
    user_low=bindparam("low", type_=Uuid()), user_high=bindparam("high", type_=Uuid()), conversation_id=_conversation
)
PAIR = Statement(
    _paired.on_conflict_do_update(
        index_elements=["user_low", "user_high"], set_={"conversation_id": _paired.excluded.conversation_id}
    )
)

# --- comparing with Synapse

ROOMS_BY_COMPARISON = Statement(
    select(MatrixRoom.room_id, MatrixRoom.reconciled_to)
    .order_by(MatrixRoom.reconciled_at.asc().nulls_first())
    .limit(bindparam("limit", type_=Integer))
)
COMPARED = Statement(
    update(MatrixRoom)
    .where(MatrixRoom.room_id == _room)
    .values(reconciled_to=bindparam("place", type_=Text), reconciled_at=func.now())
)
_named = func.unnest(bindparam("rooms", type_=ARRAY(Text))).column_valued("room_id")
UNKNOWN_ROOMS = Statement(
    select(_named.label("room_id")).where(
        ~exists().where(MatrixRoom.room_id == _named), ~exists().where(Inbox.room_id == _named)
    )
)
