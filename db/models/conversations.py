"""Chat as PostgreSQL knows it: who talks in what, and when. No content, ever."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created, Id, UserId, one_of


class Conversation(Base):
    """What people see as one conversation, through all the Matrix rooms it has lived in (matrix_rooms).

    Writer: appservice.
    """

    __tablename__ = "conversations"
    __table_args__ = (one_of("type", "dm", "group", "channel"),)

    id: Mapped[Id]
    type: Mapped[str]
    created_at: Mapped[Created]
    last_message_at: Mapped[datetime | None]
    title: Mapped[str | None]
    encrypted: Mapped[bool] = mapped_column(server_default=text("false"))


class ConversationParticipant(Base):
    """One person's place in one conversation. The read cursor says "read up to here"; `membership` is Matrix's word.

    Writer: appservice.
    """

    __tablename__ = "conversation_participants"
    __table_args__ = (
        UniqueConstraint("conversation_id", "user_id"),
        one_of("role", "member", "moderator", "admin", "owner"),
        one_of("membership", "join", "invite", "knock", "leave", "ban"),
        Index("idx_conversation_participants_user", "user_id"),
        Index(
            "idx_conversation_participants_read",
            "last_read_message_id",
            postgresql_where=text("last_read_message_id IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    user_id: Mapped[UserId]
    role: Mapped[str] = mapped_column(server_default="member")
    joined_at: Mapped[Created]
    read_event_id: Mapped[str | None]
    read_at: Mapped[datetime | None]
    last_read_message_id: Mapped[UUID | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))
    left_at: Mapped[datetime | None]
    membership: Mapped[str] = mapped_column(server_default="join")


class Message(Base):
    """Metadata of one Matrix event: `payload_pointer` is its event id. `mime_type` and `msg_type` are NULL when it is
    encrypted, since nobody but the members can know them. `event_type` is Matrix's, `relates_to` an event id.

    Writer: appservice.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "payload_pointer"),
        one_of("msg_type", "text", "media", "system"),
        CheckConstraint("jsonb_typeof(delivered) = 'array'", name="delivered"),
        CheckConstraint("jsonb_typeof(read) = 'array'", name="read"),
        Index("idx_messages_conv_created", "conversation_id", text("created_at DESC")),
        Index("idx_messages_sender", "sender_id"),
    )

    id: Mapped[Id]
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    sender_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    payload_pointer: Mapped[str]
    mime_type: Mapped[str | None]
    msg_type: Mapped[str | None] = mapped_column(server_default="text")
    created_at: Mapped[Created]
    delivered: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    read: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    event_type: Mapped[str | None]
    relates_to: Mapped[str | None]
    redacted_at: Mapped[datetime | None]
