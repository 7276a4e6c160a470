"""Sessions of the API: one a signed-in device."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created, Id, Json, JsonObject, UserId


class AuthSession(Base):
    """One sign-in. Several live by one Keycloak session when they began in one browser (docs/decisions/sessions.md).

    Of refresh tokens only hashes: of the whole, and of the part that all tokens of one sign-in have in common, by which
    one used long ago is known again. `keycloak_token` is what Keycloak wants for the next tokens, and `previous_answer`
    serves the same refresh repeated within seconds; only the holder of the refresh token can read either.
    `access_tokens` are the ids (`jti`) of those that may not have expired, each with its end in epoch seconds.

    Writer: social_api.
    Also: event_worker updates `ended_at`, because sessions also end in Keycloak.
    """

    __tablename__ = "auth_sessions"
    __table_args__ = (
        Index("idx_auth_user_id", "user_id"),
        Index("idx_auth_refresh_token", "refresh_token_hash", unique=True),
        Index("idx_auth_family", "family_hash", unique=True),
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
    family_hash: Mapped[str | None]
    keycloak_token: Mapped[bytes | None]
    access_tokens: Mapped[JsonObject]
