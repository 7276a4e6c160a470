"""Whom one shows some posts only: the close friends, and lists of one's own making."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created, Id, one_of


class AudienceList(Base):
    """Of friends. Each person has one list of close friends, which has no name, and any number of custom ones.

    Writer: social_api.
    """

    __tablename__ = "audience_lists"
    __table_args__ = (
        one_of("kind", "closefriends", "custom"),
        CheckConstraint("(kind = 'custom') = (name IS NOT NULL)", name="name"),
        Index("idx_audience_lists_owner", "owner_id", text("id DESC")),
        Index(
            "idx_audience_lists_closefriends", "owner_id", unique=True, postgresql_where=text("kind = 'closefriends'")
        ),
        Index("idx_audience_lists_name", "owner_id", text("lower(name)"), unique=True),
    )

    id: Mapped[Id]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str]
    name: Mapped[str | None]
    created_at: Mapped[Created]


class AudienceMember(Base):
    """A friend on a list, who never learns of it.

    Writer: social_api.
    """

    __tablename__ = "audience_members"
    __table_args__ = (
        UniqueConstraint("list_id", "member_id"),
        Index("idx_audience_members_member", "member_id"),
        Index("idx_audience_members_newest", "list_id", text("id DESC")),
    )

    id: Mapped[Id]
    list_id: Mapped[UUID] = mapped_column(ForeignKey("audience_lists.id", ondelete="CASCADE"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[Created]
