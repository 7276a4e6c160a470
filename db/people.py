"""The only place where a row of `users` is born."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from uuid import UUID

from sqlalchemy import Text, bindparam, case, null, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from db import outbox
from db.engine import Statement, Transaction
from db.models.people import User

CONNECT_DOMAIN = "meton"


async def register(  # noqa: PLR0917 (the claims of a token, in one order everywhere)
    tx: Transaction, subject: str, username: str, display_name: str, email: str | None, language: str | None
) -> UUID:
    """The id of the person with this Keycloak subject, made on first sight; safe to race.

    A new person is announced once, to the appservice (`person.registered`, in the same transaction). The handle is
    `username@meton`; one that another subject holds gets a number, an e-mail address that another holds is left out.
    """
    known: UUID | None = await tx.value(_FIND, subject=subject)
    if known is not None:
        return known
    for handle in _handles(username):
        while not await tx.value(_IS_TAKEN, connect_id=handle):
            born: UUID | None = await tx.value(
                _BEAR,
                subject=subject,
                connect_id=handle,
                display_name=display_name.strip() or username,
                email=email.lower() if email else None,
                language=language or "en",
            )
            if born is not None:
                await outbox.emit(tx, "appservice", "person.registered", {"user_id": str(born)}, key=str(born))
                return born
            known = await tx.value(_FIND, subject=subject)
            if known is not None:
                return known
            # Someone else took the handle or the e-mail address in the same moment: look again which it was.
    raise AssertionError("there is always another number")


def _handles(username: str) -> Iterator[str]:
    name = re.sub(r"[^a-z0-9._-]", "-", username.lower()) or "person"
    yield f"{name}@{CONNECT_DOMAIN}"
    yield from (f"{name}{number}@{CONNECT_DOMAIN}" for number in count(2))


_FIND = Statement(select(User.id).where(User.subject == bindparam("subject")))

_IS_TAKEN = Statement(select(select(User.id).where(User.connect_id == bindparam("connect_id")).exists()))

_holder = aliased(User)
_email = bindparam("email", type_=Text)

_BEAR = Statement(
    insert(User)
    .values(
        subject=bindparam("subject"),
        connect_id=bindparam("connect_id"),
        display_name=bindparam("display_name"),
        email=case((select(_holder.id).where(_holder.email == _email).exists(), null()), else_=_email),
        language=bindparam("language"),
    )
    .on_conflict_do_nothing()
    .returning(User.id)
)
