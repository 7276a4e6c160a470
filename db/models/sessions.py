"""Sessions of the API: one a signed-in device."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created, Id, Json, UserId


class AuthSession(Base):
    """Holds hashes only. `previous_*` serve the same refresh repeated within seconds: the last answer, encrypted
    with a key that only the holder of the previous refresh token can derive.

    Writer: social_api.
    Also: event_worker updates `ended_at`, because sessions also end in Keycloak.
    """

    __tablename__ = "auth_sessions"
    __table_args__ = (
        Index("idx_auth_user_id", "user_id"),
        Index("idx_auth_refresh_token", "refresh_token_hash", unique=True),
        Index(
            "idx_auth_previous_token", "previous_token_hash", postgresql_where=text("previous_token_hash IS NOT NULL")
        ),
        Index("idx_auth_keycloak_session", "keycloak_session", postgresql_where=text("keycloak_session IS NOT NULL")),
    )

    id: Mapped[Id]
    user_id: Mapped[UserId]
    refresh_token_hash: Mapped[str]
    device_info: Mapped[Json | None] = mapped_column(JSONB)
    created_at: Mapped[Created]
    expires_at: Mapped[datetime]
    keycloak_session: Mapped[str | None]
    refreshed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    previous_token_hash: Mapped[str | None]
    previous_answer: Mapped[bytes | None]
    previous_until: Mapped[datetime | None]
