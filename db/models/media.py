"""Pictures, videos and audio, from the presigned upload to the artifacts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Count, Created, Id, UserId, not_negative, one_of


class MediaItem(Base):
    """pending → processing → done | failed. A worker holds the item until `lease_until`; `lease_token` rises with each
    lease and is part of the artifact keys, so one that lost its lease can overwrite nothing. `completed_hint_at`
    is the client's word that it uploaded; `uploaded_at` is when the object was seen. `is_picture`: it is its owner's
    avatar or cover, which no post can have.

    Writer: social_api inserts and attaches (`post_id`, `position`, `completed_hint_at`, `alt_text`,
    `is_picture`).
    Also: media_worker updates all that processing finds out (see db/grants.py); the two sets of columns do not meet.
    """

    __tablename__ = "media_items"
    __table_args__ = (
        one_of("transcoding_status", "pending", "processing", "done", "failed"),
        one_of("kind", "image", "video", "audio"),
        CheckConstraint("char_length(alt_text) <= 1500", name="alt_text"),
        CheckConstraint("NOT (is_picture AND post_id IS NOT NULL)", name="is_picture"),
        not_negative("byte_size"),
        not_negative("position"),
        not_negative("attempts"),
        Index("idx_media_post", "post_id"),
        Index("idx_media_user", "user_id"),
        Index(
            "idx_media_unfinished",
            "created_at",
            postgresql_where=text("transcoding_status IN ('pending', 'processing')"),
        ),
    )

    id: Mapped[Id]
    post_id: Mapped[UUID | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"))
    user_id: Mapped[UserId]
    storage_key: Mapped[str]
    mime_type: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    duration_sec: Mapped[int | None]
    thumb_key: Mapped[str | None]
    transcoding_status: Mapped[str] = mapped_column(server_default="pending")
    created_at: Mapped[Created]
    kind: Mapped[str]
    byte_size: Mapped[int | None] = mapped_column(BigInteger)
    position: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    attempts: Mapped[Count]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    failure: Mapped[str | None]
    audio_key: Mapped[str | None]
    playlist_key: Mapped[str | None]
    uploaded_at: Mapped[datetime | None]
    completed_hint_at: Mapped[datetime | None]
    alt_text: Mapped[str | None]
    is_picture: Mapped[bool] = mapped_column(server_default=text("false"))
