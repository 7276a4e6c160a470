"""Posts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Count, Created, Id, JsonObject, UserId, not_negative, one_of


class Post(Base):
    """`published_at` is NULL while the post waits for its media; feeds are ordered by (published_at, id), newest first.
    `deleted_at` is the author's doing, `removed_at` moderation's.

    Writer: social_api.
    Also: media_worker updates `published_at`, in the transaction that makes the last media item ready.
    """

    __tablename__ = "posts"
    __table_args__ = (
        one_of("type", "post", "microblog", "photo", "video", "reel", "story"),
        one_of("visibility", "public", "friends", "closefriends", "custom"),
        CheckConstraint("char_length(caption) <= CASE type WHEN 'microblog' THEN 500 ELSE 5000 END", name="caption"),
        not_negative("like_count"),
        not_negative("comment_count"),
        not_negative("view_count"),
        Index("idx_posts_user_created", "user_id", text("created_at DESC")),
        Index("idx_posts_created", text("created_at DESC")),
        Index("idx_posts_caption_tsv", "caption_tsv", postgresql_using="gin"),
        Index(
            "idx_posts_feed",
            "user_id",
            text("published_at DESC"),
            text("id DESC"),
            postgresql_where=text("published_at IS NOT NULL AND deleted_at IS NULL AND removed_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    user_id: Mapped[UserId]
    type: Mapped[str] = mapped_column(server_default="post")
    caption: Mapped[str | None]
    meta: Mapped[JsonObject]
    visibility: Mapped[str] = mapped_column(server_default="public")
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
    like_count: Mapped[Count]
    comment_count: Mapped[Count]
    view_count: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    caption_tsv: Mapped[str | None] = mapped_column(TSVECTOR)
    published_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
