"""People, and the handles they had."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created, Id, Json, JsonObject, UserId, one_of


class User(Base):
    """One row per Keycloak subject; Keycloak owns the credentials, so `password_hash` stays NULL.

    `profile_pic_url` and `cover_url` are keys of objects that the media worker made of `avatar_id` and `cover_id`; who
    may see the person gets them as signed links.

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
        Index("idx_users_unverified", "id", postgresql_where=text("verified_status = 'pending'")),
        Index("idx_users_avatar", "avatar_id", postgresql_where=text("avatar_id IS NOT NULL")),
        Index("idx_users_cover", "cover_id", postgresql_where=text("cover_id IS NOT NULL")),
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
    avatar_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("media_items.id", ondelete="SET NULL", use_alter=True, name="users_avatar_id_fkey")
    )
    cover_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("media_items.id", ondelete="SET NULL", use_alter=True, name="users_cover_id_fkey")
    )
    cover_url: Mapped[str | None]
    handle_changed_at: Mapped[datetime | None]
    deactivated_at: Mapped[datetime | None]


class FormerHandle(Base):
    """A handle that its person gave up: links to it lead on, and nobody else can have it.

    Writer: social_api.
    """

    __tablename__ = "former_handles"
    __table_args__ = (
        CheckConstraint("connect_id = lower(connect_id) AND connect_id <> ''", name="connect_id"),
        Index("idx_former_handles_user", "user_id"),
    )

    connect_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UserId]
    released_at: Mapped[Created]
