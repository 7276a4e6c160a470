"""Likes."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from db.models.base import Base, Created, Id, UserId, one_of


class Like(Base):
    """Of a post or a comment, as `target_type` says.

    Writer: social_api.
    """

    __tablename__ = "likes"
    __table_args__ = (
        UniqueConstraint("user_id", "target_type", "target_id"),
        one_of("target_type", "post", "comment"),
        Index("idx_likes_user", "user_id"),
        Index("idx_likes_target_newest", "target_type", "target_id", text("id DESC")),
    )

    id: Mapped[Id]
    user_id: Mapped[UserId]
    target_type: Mapped[str]
    target_id: Mapped[UUID]
    created_at: Mapped[Created]
