"""What Keycloak's administrators decided, as the API must respect it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created, Id


class Revocation(Base):
    """Tokens of this subject issued up to `not_before`, or of this Keycloak session, are refused.

    Of the session only one when `token` says which (its `jti`): others that share the session go on.

    Writer: event_worker.
    Also: social_api inserts when a person ends a session through the API, so that it ends at once.
    """

    __tablename__ = "revocations"
    __table_args__ = (
        CheckConstraint("subject IS NOT NULL OR session IS NOT NULL", name="target"),
        Index("idx_revocations_created", "created_at"),
        Index("idx_revocations_session", "session", postgresql_where=text("session IS NOT NULL")),
    )

    id: Mapped[Id]
    subject: Mapped[str | None]
    session: Mapped[str | None]
    token: Mapped[str | None]
    not_before: Mapped[Created]
    reason: Mapped[str]
    created_at: Mapped[Created]


class IdentityCursor(Base):
    """How far Keycloak's events have been followed: one row, which the migration makes. NULL means never yet.

    Writer: event_worker.
    """

    __tablename__ = "identity_cursor"
    __table_args__ = (CheckConstraint("one_row", name="one_row"),)

    one_row: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    last_event_time: Mapped[datetime | None]
    swept_at: Mapped[datetime | None]
    polled_at: Mapped[datetime | None]
