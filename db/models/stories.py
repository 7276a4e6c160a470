"""Stories."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created, Id, one_of


class Story(Base):
    """One media item, shown until `expires_at`.

    Writer: social_api.
    """

    __tablename__ = "stories"
    __table_args__ = (
        one_of("visibility", "public", "friends", "closefriends"),
        Index("idx_stories_user", "user_id"),
        Index("idx_stories_expires", "expires_at"),
        Index("idx_stories_media_item", "media_item_id"),
    )

    id: Mapped[Id]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    media_item_id: Mapped[UUID] = mapped_column(ForeignKey("media_items.id"))
    visibility: Mapped[str] = mapped_column(server_default="friends")
    expires_at: Mapped[datetime]
    created_at: Mapped[Created]
