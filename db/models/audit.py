"""The audit log."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base, Created, Id, Json


class AuditLog(Base):
    """Security-relevant acts. Append-only and hash-chained: a trigger gives each row its `position`, the hash of the
    row before it and its own; other triggers refuse UPDATE, DELETE and TRUNCATE (docs/decisions/audit-chain.md).

    Writer: whoever acts, each service through db.audit alone; none may change a row.
    """

    __tablename__ = "audit_logs"
    __table_args__ = (Index("idx_audit_user", "user_id"),)

    id: Mapped[Id]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    action: Mapped[str]
    ip: Mapped[str | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    meta: Mapped[Json | None] = mapped_column(JSONB)
    created_at: Mapped[Created]
    position: Mapped[int] = mapped_column(BigInteger, unique=True)
    prev_hash: Mapped[bytes]
    hash: Mapped[bytes]
