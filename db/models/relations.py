"""Who follows whom, who is whose friend, and who wants to see nothing of whom."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created, Id, one_of


class Follow(Base):
    """One-way.

    Writer: social_api. Also: event_worker, for those who waited for an account that was opened.
    """

    __tablename__ = "follows"
    __table_args__ = (
        UniqueConstraint("follower_id", "followed_id"),
        CheckConstraint("follower_id <> followed_id", name="not_oneself"),
        Index("idx_follows_follower", "follower_id"),
        Index("idx_follows_followed", "followed_id"),
        Index("idx_follows_followed_newest", "followed_id", text("id DESC")),
        Index("idx_follows_follower_newest", "follower_id", text("id DESC")),
    )

    id: Mapped[Id]
    follower_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    followed_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[Created]


class FollowRequest(Base):
    """Somebody would like to follow a private account; approving turns the row into a `Follow`. Whoever ends
    one removes this row before touching the `Follow`.

    Writer: social_api. Also: event_worker, which approves those of an account that was opened.
    """

    __tablename__ = "follow_requests"
    __table_args__ = (
        UniqueConstraint("follower_id", "followed_id"),
        CheckConstraint("follower_id <> followed_id", name="not_oneself"),
        Index("idx_follow_requests_followed_newest", "followed_id", text("id DESC")),
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
            "idx_friend_req_friends_asked",
            "requester_id",
            text("id DESC"),
            postgresql_where=text("status = 'accepted'"),
        ),
        Index(
            "idx_friend_req_friends_asking",
            "receiver_id",
            text("id DESC"),
            postgresql_where=text("status = 'accepted'"),
        ),
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


class Block(Base):
    """Either way and total: the two do not exist for each other.

    Writer: social_api.
    """

    __tablename__ = "blocks"
    __table_args__ = (
        UniqueConstraint("blocker_id", "blocked_id"),
        CheckConstraint("blocker_id <> blocked_id", name="not_oneself"),
        Index("idx_blocks_blocked", "blocked_id", "blocker_id"),
        Index("idx_blocks_blocker_newest", "blocker_id", text("id DESC")),
    )

    id: Mapped[Id]
    blocker_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    blocked_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[Created]


class Mute(Base):
    """Hides `muted_id` from the own feed and notifications of `muter_id`, until `expires_at` or for good.

    Writer: social_api.
    """

    __tablename__ = "mutes"
    __table_args__ = (
        UniqueConstraint("muter_id", "muted_id"),
        CheckConstraint("muter_id <> muted_id", name="not_oneself"),
        Index("idx_mutes_muted", "muted_id"),
        Index("idx_mutes_muter_newest", "muter_id", text("id DESC")),
    )

    id: Mapped[Id]
    muter_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    muted_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime | None]
    created_at: Mapped[Created]


class MutedWord(Base):
    """Hides posts whose caption has the word from the own feed. `pattern` is the word as the middle of a regular
    expression of PostgreSQL, which says around all of somebody's words what may stand beside them.

    Writer: social_api.
    """

    __tablename__ = "muted_words"
    __table_args__ = (CheckConstraint("char_length(word) BETWEEN 1 AND 50", name="word"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(primary_key=True)
    pattern: Mapped[str]
    expires_at: Mapped[datetime | None]
    created_at: Mapped[Created]
