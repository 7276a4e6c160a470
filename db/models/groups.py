"""Groups, where members talk, and channels, where admins do."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created, Id, UserId, one_of


class Group(Base):
    """A group or a channel.

    Writer: social_api.
    """

    __tablename__ = "groups"
    __table_args__ = (
        one_of("type", "group", "channel"),
        one_of("visibility", "public", "private", "invite"),
        Index("idx_groups_owner", "owner_id"),
    )

    id: Mapped[Id]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    handle: Mapped[str | None] = mapped_column(unique=True)
    description: Mapped[str | None]
    type: Mapped[str] = mapped_column(server_default="group")
    visibility: Mapped[str] = mapped_column(server_default="public")
    created_at: Mapped[Created]


class GroupMember(Base):
    """One person's place in one group.

    Writer: social_api.
    """

    __tablename__ = "group_members"
    __table_args__ = (
        UniqueConstraint("group_id", "user_id"),
        one_of("role", "member", "moderator", "admin", "owner"),
        Index("idx_group_members_group", "group_id"),
        Index("idx_group_members_user", "user_id"),
    )

    id: Mapped[Id]
    group_id: Mapped[UUID] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"))
    user_id: Mapped[UserId]
    role: Mapped[str] = mapped_column(server_default="member")
    joined_at: Mapped[Created]
