"""What one service asks of another, written in the transaction that makes it necessary."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Count, Created, Id, Json, one_of

UNFINISHED = "done_at IS NULL AND failed_at IS NULL"


class Outbox(Base):
    """pending → claimed (until `available_at`) → done | dead. Use db.outbox, never the table.

    Writer: every service, through db.outbox alone; the columns of a row's life belong to its destination.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        one_of("destination", "event_worker", "media_worker", "appservice"),
        Index("idx_outbox_ready", "destination", "id", postgresql_where=text(UNFINISHED)),
        Index("idx_outbox_key", "destination", "key", "id", postgresql_where=text(f"key IS NOT NULL AND {UNFINISHED}")),
        Index("idx_outbox_dead", "failed_at", postgresql_where=text("failed_at IS NOT NULL")),
    )

    id: Mapped[Id]
    destination: Mapped[str]
    topic: Mapped[str]
    key: Mapped[str | None]
    payload: Mapped[Json] = mapped_column(JSONB)
    request_id: Mapped[str | None]
    created_at: Mapped[Created]
    available_at: Mapped[Created]
    attempts: Mapped[Count]
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error: Mapped[str | None]
