"""Conversations as the appservice writes them, for tests of those who read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from uuid_utils.compat import uuid7

from db.engine import Statement
from db.models import Conversation, ConversationParticipant, MatrixRoom, Message
from tests.support.clones import Clone


async def conversation(database: Clone, *people: UUID, **columns: Any) -> UUID:
    """A conversation of these people, in one current room."""
    made = uuid7()
    async with database.transaction() as tx:
        await tx.execute(
            Statement(insert(Conversation).values({"id": made, "type": "dm", "encrypted": True} | columns))
        )
        room = {"room_id": f"!{made}:meton.localhost", "conversation_id": made, "encrypted": True}
        await tx.execute(Statement(insert(MatrixRoom).values(room)))
        for person in people:
            row = {"conversation_id": made, "user_id": person}
            await tx.execute(Statement(insert(ConversationParticipant).values(row)))
    return made


async def set_place(database: Clone, chat: UUID, person: UUID, **columns: Any) -> None:
    """Change one person's place in a conversation: membership, role, read cursor."""
    mine = (ConversationParticipant.conversation_id == chat) & (ConversationParticipant.user_id == person)
    async with database.transaction() as tx:
        await tx.execute(Statement(update(ConversationParticipant).where(mine).values(columns)))


async def message(database: Clone, chat: UUID, sender: UUID, at: datetime, **columns: Any) -> UUID:
    """A message sent at that time."""
    made = uuid7()
    row = {"id": made, "conversation_id": chat, "sender_id": sender, "payload_pointer": f"${made}", "created_at": at}
    async with database.transaction() as tx:
        await tx.execute(Statement(insert(Message).values(row | {"event_type": "m.room.encrypted"} | columns)))
        change = update(Conversation).where(Conversation.id == chat).values(last_message_at=at)
        await tx.execute(Statement(change))
    return made
