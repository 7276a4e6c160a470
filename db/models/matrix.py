"""Where the social side and Matrix meet: accounts, rooms, and the one room of each pair of friends."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created


class MatrixAccount(Base):
    """The Matrix account of a person; its id never changes. While `provisioned_at` is NULL the name is only chosen, and
    Synapse is being asked for it.

    Writer: appservice.
    """

    __tablename__ = "matrix_accounts"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    mxid: Mapped[str] = mapped_column(unique=True)
    provisioned_at: Mapped[datetime | None]


class MatrixRoom(Base):
    """A room a conversation lives in or has lived in; exactly one of them is current. `reconciled_to` is Synapse's
    token for the place in its history up to which nothing is missing here.

    Writer: appservice.
    """

    __tablename__ = "matrix_rooms"
    __table_args__ = (
        Index("idx_matrix_rooms_conversation", "conversation_id"),
        Index("idx_matrix_rooms_current", "conversation_id", unique=True, postgresql_where=text("current")),
    )

    room_id: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    current: Mapped[bool] = mapped_column(server_default=text("true"))
    encrypted: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[Created]
    tombstoned_at: Mapped[datetime | None]
    reconciled_to: Mapped[str | None]
    reconciled_at: Mapped[datetime | None]


class DirectPair(Base):
    """The one direct conversation of two people, whatever raced to make it: the lower user id stands first.

    Writer: appservice.
    """

    __tablename__ = "direct_pairs"
    __table_args__ = (
        CheckConstraint("user_low < user_high", name="order"),
        Index("idx_direct_pairs_high", "user_high"),
    )

    user_low: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    user_high: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), unique=True)
