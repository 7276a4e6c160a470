"""The audit log: who did what of consequence. Its rows are chained by hash and never change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, literal_column, or_, select

from db.engine import Statement, Transaction
from db.models.audit import AuditLog


async def record(
    tx: Transaction,
    action: str,
    user_id: UUID | None = None,
    meta: Mapping[str, Any] | None = None,
    *,
    ip: str | None = None,
    user_agent: str | None = None,
) -> None:
    """Note that `user_id` (None: the system) did `action`, such as `session.started`, if and only if `tx` commits.

    The chain has one end, so two transactions that record wait for each other: make it the last statement.
    """
    await tx.execute(
        _RECORD,
        action=action,
        user_id=user_id,
        meta=None if meta is None else dict(meta),
        ip=ip,
        user_agent=user_agent,
    )


async def first_broken(tx: Transaction) -> int | None:
    """The position of the first row that does not fit its own hash or the row before it; None for a sound chain.

    Only the owner of the tables may read the whole log.
    """
    position: int | None = await tx.value(_FIRST_BROKEN)
    return position


_RECORD = Statement(
    insert(AuditLog).values(
        action=bindparam("action"),
        user_id=bindparam("user_id"),
        meta=bindparam("meta"),
        ip=bindparam("ip"),
        user_agent=bindparam("user_agent"),
    )
)

_log = (
    select(
        AuditLog.position,
        AuditLog.prev_hash,
        AuditLog.hash,
        func.audit_hash(literal_column("audit_logs")).label("expected"),
        func.lag(AuditLog.hash, 1, func.sha256(b"")).over(order_by=AuditLog.position).label("before"),
        func.row_number().over(order_by=AuditLog.position).label("n"),
    )
    .select_from(AuditLog)
    .subquery("log")
)

_FIRST_BROKEN = Statement(
    select(func.min(_log.c.position)).where(
        or_(_log.c.hash != _log.c.expected, _log.c.prev_hash != _log.c.before, _log.c.position != _log.c.n)
    )
)
