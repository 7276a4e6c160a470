"""Rows by which sessions end: each function is one step of a transaction, and repeating it changes nothing."""

from __future__ import annotations

from typing import Literal
from uuid import UUID, uuid5

import asyncpg
from sqlalchemy import Text, and_, bindparam, case, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from db.engine import Statement, Transaction
from db.models import AuthSession, Revocation, User
from event_worker.changes import Cause

Status = Literal["active", "suspended", "deactivated"]


async def end_person(tx: Transaction, cause: Cause, subject: str) -> bool:
    """Refuse the person's tokens issued up to `cause.at`, and end the sessions begun by then.

    False when the same cause did it before.
    """
    if not await _revoke(tx, cause, subject=subject, session=None):
        return False
    await tx.execute(_END_OF_PERSON, subject=subject, at=cause.at)
    return True


async def end_session(tx: Transaction, cause: Cause, session: str) -> bool:
    """Refuse the tokens of one Keycloak session, and end it here; False when the same cause did it before."""
    if not await _revoke(tx, cause, subject=None, session=session):
        return False
    await tx.execute(_END_ONE, session=session)
    return True


async def set_status(tx: Transaction, subject: str, status: Status) -> Status | None:
    """Say what the person's account is in Keycloak; what it is here since, or None when that changed nothing.

    One that its person deactivated stays so while Keycloak lets them in: coming back is theirs to do. An erased one
    stays erased.
    """
    now: Status | None = await tx.value(_SET_STATUS, subject=subject, status=status)
    return now


async def person_of(tx: Transaction, subject: str) -> UUID | None:
    """The person's id here; None for somebody who never came."""
    found: UUID | None = await tx.value(_PERSON, subject=subject)
    return found


async def person_of_session(tx: Transaction, session: str) -> asyncpg.Record | None:
    """Whose Keycloak session it is (`id`, `subject`), if it was used here."""
    return await tx.row(_PERSON_OF_SESSION, session=session)


async def _revoke(tx: Transaction, cause: Cause, *, subject: str | None, session: str | None) -> bool:
    row_id = uuid5(cause.id, subject or session or "")
    new = await tx.value(_REVOKE, id=row_id, subject=subject, session=session, not_before=cause.at, reason=cause.reason)
    return new is not None


_REVOKE = Statement(
    insert(Revocation)
    .values({name: bindparam(name) for name in ("id", "subject", "session", "not_before", "reason")})
    .on_conflict_do_nothing(index_elements=["id"])
    .returning(Revocation.id)
)

_PERSON = Statement(select(User.id).where(User.subject == bindparam("subject")))

_PERSON_OF_SESSION = Statement(
    select(User.id, User.subject)
    .join(AuthSession, AuthSession.user_id == User.id)
    .where(AuthSession.keycloak_session == bindparam("session"))
    .limit(1)
)

_END_OF_PERSON = Statement(
    update(AuthSession)
    .where(
        AuthSession.user_id == select(User.id).where(User.subject == bindparam("subject")).scalar_subquery(),
        AuthSession.created_at <= bindparam("at"),
        AuthSession.ended_at.is_(None),
    )
    .values(ended_at=func.now())
)

_END_ONE = Statement(
    update(AuthSession)
    .where(AuthSession.keycloak_session == bindparam("session"), AuthSession.ended_at.is_(None))
    .values(ended_at=func.now())
)

_in_keycloak = bindparam("status", type_=Text())
_status = case(
    (and_(_in_keycloak == "active", User.deactivated_at.is_not(None)), literal("deactivated", Text())),
    else_=_in_keycloak,
)
_SET_STATUS = Statement(
    update(User)
    .where(User.subject == bindparam("subject"), User.status != "erased", User.status != _status)
    .values(status=_status)
    .returning(User.status)
)
