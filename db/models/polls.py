"""Polls, which hang on posts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Count, Created, not_negative


class Poll(Base):
    """One a post at most; `voter_count` counts people, not votes.

    Writer: social_api.
    """

    __tablename__ = "polls"
    __table_args__ = (not_negative("voter_count"),)

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    multiple: Mapped[bool] = mapped_column(server_default=text("false"))
    closes_at: Mapped[datetime]
    voter_count: Mapped[Count]


class PollOption(Base):
    """One answer to choose, at its place from 0.

    Writer: social_api.
    """

    __tablename__ = "poll_options"
    __table_args__ = (
        not_negative("vote_count"),
        CheckConstraint("char_length(text) BETWEEN 1 AND 100", name="text"),
        CheckConstraint("position BETWEEN 0 AND 9", name="position"),
    )

    post_id: Mapped[UUID] = mapped_column(ForeignKey("polls.post_id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    text: Mapped[str]
    vote_count: Mapped[Count]


class PollVote(Base):
    """Somebody chose an answer; nobody else learns which.

    Writer: social_api.
    """

    __tablename__ = "poll_votes"
    __table_args__ = (
        ForeignKeyConstraint(
            ["post_id", "position"], ["poll_options.post_id", "poll_options.position"], ondelete="CASCADE"
        ),
        Index("idx_poll_votes_user", "user_id"),
        Index("idx_poll_votes_option", "post_id", "position"),
    )

    post_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    created_at: Mapped[Created]
