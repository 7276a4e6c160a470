"""Who follows whom, and who is whose friend."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created, Id, one_of


class Follow(Base):
    """One-way.

    Writer: social_api.
    """

    __tablename__ = "follows"
    __table_args__ = (
        UniqueConstraint("follower_id", "followed_id"),
        CheckConstraint("follower_id <> followed_id", name="not_oneself"),
        Index("idx_follows_follower", "follower_id"),
        Index("idx_follows_followed", "followed_id"),
        Index("idx_follows_followed_newest", "followed_id", text("id DESC")),
    )

    id: Mapped[Id]
    follower_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    followed_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[Created]


class FriendRequest(Base):
    """pending → accepted | rejected | withdrawn; an accepted row is the friendship. Any two people have at most one
    row, whoever asked: the unique index settles the race of both asking at once, and asking again renews the row.

    Writer: social_api.
    """

    __tablename__ = "friend_requests"
    __table_args__ = (
        UniqueConstraint("requester_id", "receiver_id"),
        CheckConstraint("requester_id <> receiver_id", name="not_oneself"),
        one_of("status", "pending", "accepted", "rejected", "withdrawn"),
        Index("idx_friend_req_receiver", "receiver_id"),
        Index(
            "idx_friend_req_pair",
            text("LEAST(requester_id, receiver_id)"),
            text("GREATEST(requester_id, receiver_id)"),
            unique=True,
        ),
    )

    id: Mapped[Id]
    requester_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    receiver_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(server_default="pending")
    created_at: Mapped[Created]
    updated_at: Mapped[Created]
