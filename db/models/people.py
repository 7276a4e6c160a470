"""People."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created, Id, Json, JsonObject, one_of


class User(Base):
    """One row per Keycloak subject; Keycloak owns the credentials, so `password_hash` stays NULL.

    Writer: social_api.
    Also: appservice inserts, through db.people alone, for people first seen in Matrix; event_worker updates `status`,
    because disabling and deleting an account happen in Keycloak's console, which it follows.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("connect_id = lower(connect_id) AND connect_id <> ''", name="connect_id"),
        CheckConstraint("email = lower(email)", name="email"),
        CheckConstraint("NOT holds_aadhaar(verification_meta)", name="verification_meta"),
        one_of("verified_status", "none", "pending", "verified"),
        one_of("status", "active", "suspended", "deactivated", "erased"),
        Index("idx_users_connect_id_lower", func.lower(text("connect_id"))),
        Index("idx_users_email_lower", func.lower(text("email"))),
    )

    id: Mapped[Id]
    connect_id: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    email: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    profile_pic_url: Mapped[str | None]
    bio: Mapped[str | None]
    language: Mapped[str] = mapped_column(server_default="en")
    verified_status: Mapped[str] = mapped_column(server_default="none")
    verification_meta: Mapped[Json | None] = mapped_column(JSONB)
    settings: Mapped[JsonObject]
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
    subject: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(server_default="active")
    is_private: Mapped[bool] = mapped_column(server_default=text("false"))
