"""The library of sounds."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created, Id


class Sound(Base):
    """Audio taken from a video, or uploaded.

    Writer: social_api.
    Also: media_worker inserts the sound of each video it processed.
    """

    __tablename__ = "sounds"
    __table_args__ = (
        Index("idx_sounds_created", text("created_at DESC")),
        Index("idx_sounds_uploader", "uploader_id"),
    )

    id: Mapped[Id]
    uploader_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    storage_key: Mapped[str]
    duration_sec: Mapped[int | None]
    title: Mapped[str | None]
    created_at: Mapped[Created]
