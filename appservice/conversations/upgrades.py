"""A room that takes the place of another: the conversation goes on there."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Text, Uuid, bindparam, case, delete, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from appservice.conversations.stored import is_state, text_of
from appservice.events import RoomEvent
from db.engine import Statement, Transaction
from db.models.conversations import Conversation, ConversationParticipant, Message
from db.models.inbox import Inbox
from db.models.matrix import MatrixRoom


async def follow(tx: Transaction, old_room: str, new_room: str, event: RoomEvent) -> None:
    """Let the old room's conversation go on in the new one, if both rooms say so.

    Called for the tombstone and for the new room's creation, whichever is worked through later does it. Neither alone
    is believed: anyone may name a predecessor, and a tombstone may point at anyone's room.
    """
    if not await tx.value(_AGREED, old=old_room, new=new_room):
        return
    rooms = {row["room_id"]: row["conversation_id"] for row in await tx.rows(_LOCK_ROOMS, old=old_room, new=new_room)}
    if len(rooms) != 2 or rooms[old_room] == rooms[new_room]:
        return
    kept, given_up = rooms[old_room], rooms[new_room]
    await tx.execute(_RETIRE_ROOM, room=old_room)
    await tx.execute(_MOVE_ROOM, room=new_room, kept=kept)
    await _merge(tx, kept, given_up, event)


async def _merge(tx: Transaction, kept: UUID, given_up: UUID, event: RoomEvent) -> None:
    """Put what was seen of the new room so far under the conversation that is kept."""
    await tx.execute(_MOVE_MESSAGES, kept=kept, given_up=given_up)
    await tx.execute(_LEAVE_BEHIND, kept=kept, given_up=given_up, at=event.at)
    await tx.execute(_MOVE_PARTICIPANTS, kept=kept, given_up=given_up)
    await tx.execute(_TAKE_OVER, kept=kept, given_up=given_up)
    await tx.execute(_GIVE_UP, given_up=given_up)


_old, _new = bindparam("old", type_=Text), bindparam("new", type_=Text)
_kept, _given_up = bindparam("kept", type_=Uuid()), bindparam("given_up", type_=Uuid())

# The event at work is in the inbox too, so this holds whichever of the two it is.
_create, _tombstone = aliased(Inbox), aliased(Inbox)
_AGREED = Statement(
    select(
        exists()
        .where(
            _create.room_id == _new,
            text_of(_create, "type") == "m.room.create",
            is_state(_create),
            _create.event["content", "predecessor", "room_id"].astext == _old,
        )
        .where(
            _tombstone.room_id == _old,
            text_of(_tombstone, "type") == "m.room.tombstone",
            is_state(_tombstone),
            _tombstone.event["content", "replacement_room"].astext == _new,
        )
    )
)

_LOCK_ROOMS = Statement(
    select(MatrixRoom.room_id, MatrixRoom.conversation_id)
    .where(or_(MatrixRoom.room_id == _old, MatrixRoom.room_id == _new))
    .order_by(MatrixRoom.room_id)
    .with_for_update()
)
_room = bindparam("room", type_=Text)
_RETIRE_ROOM = Statement(update(MatrixRoom).where(MatrixRoom.room_id == _room).values(current=False))
_MOVE_ROOM = Statement(update(MatrixRoom).where(MatrixRoom.room_id == _room).values(conversation_id=_kept))
_MOVE_MESSAGES = Statement(update(Message).where(Message.conversation_id == _given_up).values(conversation_id=_kept))

# Who is not in the new room takes no part any more.
_followed = aliased(ConversationParticipant)
_LEAVE_BEHIND = Statement(
    update(ConversationParticipant)
    .where(
        ConversationParticipant.conversation_id == _kept,
        ConversationParticipant.membership == func.any(literal(["join", "invite", "knock"], ARRAY(Text))),
        ~exists().where(_followed.conversation_id == _given_up, _followed.user_id == ConversationParticipant.user_id),
    )
    .values(membership="leave", left_at=bindparam("at", type_=DateTime(timezone=True)))
)

_carried = ("user_id", "role", "joined_at", "membership", "left_at")
_moved = insert(ConversationParticipant).from_select(
    ["conversation_id", *_carried],
    select(_kept, *(getattr(ConversationParticipant, name) for name in _carried)).where(
        ConversationParticipant.conversation_id == _given_up
    ),
)
_MOVE_PARTICIPANTS = Statement(
    _moved.on_conflict_do_update(
        index_elements=["conversation_id", "user_id"],
        set_={name: _moved.excluded[name] for name in ("role", "membership", "left_at")},
    )
)

_successor = aliased(Conversation)
_TAKE_OVER = Statement(
    update(Conversation)
    .where(Conversation.id == _kept, _successor.id == _given_up)
    .values(
        title=func.coalesce(_successor.title, Conversation.title),
        encrypted=_successor.encrypted,
        last_message_at=case(
            (_successor.last_message_at > Conversation.last_message_at, _successor.last_message_at),
            else_=func.coalesce(Conversation.last_message_at, _successor.last_message_at),
        ),
    )
)
_GIVE_UP = Statement(delete(Conversation).where(Conversation.id == _given_up))
