"""Comments."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created, Id, UserId


class Comment(Base):
    """A comment on a post, or an answer to one; every level is stored.

    Writer: social_api.
    """

    __tablename__ = "comments"
    __table_args__ = (
        Index("idx_comments_post", "post_id"),
        Index("idx_comments_user", "user_id"),
        Index("idx_comments_parent", "parent_comment_id"),
    )

    id: Mapped[Id]
    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    user_id: Mapped[UserId]
    parent_comment_id: Mapped[UUID | None] = mapped_column(ForeignKey("comments.id", ondelete="SET NULL"))
    text: Mapped[str]
    created_at: Mapped[Created]
