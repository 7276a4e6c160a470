"""Any two people, as what changes between them needs it: one change at a time."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Text, bindparam, func, literal, select

from db.engine import Statement, Transaction


async def lock(tx: Transaction, one: UUID, other: UUID) -> None:
    """Let no other transaction that calls this change what is between these two until `tx` ends.

    Follows, friendships, blocks and places on lists exclude each other across tables, which no constraint can say: each
    statement after this one sees what the others did. Take one pair a transaction, so that nobody waits in a circle.
    """
    low, high = sorted((one, other))
    await tx.execute(_LOCK, pair=f"{low} {high}")


_LOCK = Statement(
    select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("pair", type_=Text), literal(0x9A12))))
)
