"""What Matrix told us and nobody has worked through yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created, Json, one_of

UNFINISHED = "done_at IS NULL AND parked_at IS NULL"


class Inbox(Base):
    """One Matrix event or receipt, reduced to metadata before it is stored. `position` is the order of arrival; what
    cannot be worked through is parked with its reason and does not hold up its room. Use db.inbox, never the table.

    Writer: appservice.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        one_of("kind", "event", "receipt"),
        Index("idx_inbox_waiting", "position", postgresql_where=text(UNFINISHED)),
        Index("idx_inbox_room", "room_id", "position", postgresql_where=text(UNFINISHED)),
        Index("idx_inbox_state", "room_id", text("(event ->> 'type')"), postgresql_where=text("event ? 'state_key'")),
    )

    event_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    room_id: Mapped[str]
    kind: Mapped[str]
    event: Mapped[Json] = mapped_column(JSONB)
    received_at: Mapped[Created]
    available_at: Mapped[Created]
    done_at: Mapped[datetime | None]
    parked_at: Mapped[datetime | None]
    reason: Mapped[str | None]
