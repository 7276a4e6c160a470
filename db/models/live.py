"""What each person's `/ws` connections are told, kept so that a client can resume."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created, Json


class LiveEvent(Base):
    """One thing told to one person; `outbox_id` keeps a repeated delivery from telling it twice.

    Writer: event_worker.
    """

    __tablename__ = "live_events"
    __table_args__ = (UniqueConstraint("user_id", "outbox_id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    outbox_id: Mapped[UUID]
    type: Mapped[str]
    payload: Mapped[Json] = mapped_column(JSONB)
    created_at: Mapped[Created]


class LiveCursor(Base):
    """The last `seq` given out for a person: a gapless count needs a row to lock.

    Writer: event_worker.
    """

    __tablename__ = "live_cursors"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    last_seq: Mapped[int] = mapped_column(BigInteger)
