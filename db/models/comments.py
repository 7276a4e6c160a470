"""Comments, and who is named in them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Count, Created, Id, UserId, not_negative


class Comment(Base):
    """A comment on a post, or an answer to one; every level is stored. `thread_id` is the comment at the head of the
    thread, NULL on that one; a thread goes with its head. `hidden_at` is the doing of the post's author: only they and
    the writer still see it. `reply_count` counts what is not deleted in the thread, and stands on its head.

    Writer: social_api.
    """

    __tablename__ = "comments"
    __table_args__ = (
        CheckConstraint("(thread_id IS NULL) OR (pinned_at IS NULL)", name="pinned_at"),
        CheckConstraint("char_length(text) BETWEEN 1 AND 2000", name="text"),
        not_negative("like_count"),
        not_negative("reply_count"),
        Index("idx_comments_post", "post_id"),
        Index("idx_comments_user", "user_id"),
        Index("idx_comments_parent", "parent_comment_id"),
        Index("idx_comments_thread", "thread_id", "id", postgresql_where=text("deleted_at IS NULL")),
        Index(
            "idx_comments_newest",
            "post_id",
            text("id DESC"),
            postgresql_where=text("thread_id IS NULL AND deleted_at IS NULL"),
        ),
        Index("idx_comments_pinned", "post_id", postgresql_where=text("pinned_at IS NOT NULL AND deleted_at IS NULL")),
        Index(
            "idx_comments_top",
            "post_id",
            text("like_count DESC"),
            text("id DESC"),
            postgresql_where=text("thread_id IS NULL AND deleted_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    user_id: Mapped[UserId]
    parent_comment_id: Mapped[UUID | None] = mapped_column(ForeignKey("comments.id", ondelete="SET NULL"))
    text: Mapped[str]
    created_at: Mapped[Created]
    thread_id: Mapped[UUID | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    like_count: Mapped[Count]
    reply_count: Mapped[Count]
    pinned_at: Mapped[datetime | None]
    hidden_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class CommentMention(Base):
    """Somebody named in a comment.

    Writer: social_api.
    """

    __tablename__ = "comment_mentions"
    __table_args__ = (Index("idx_comment_mentions_user", "user_id"),)

    comment_id: Mapped[UUID] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
