"""The only place where a row of `users` is born."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Text, bindparam, case, null, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from db import handles, names, outbox
from db.engine import Statement, Transaction
from db.models.people import User


async def register(  # noqa: PLR0917 (the claims of a token, in one order everywhere)
    tx: Transaction, subject: str, username: str, display_name: str, email: str | None, language: str | None
) -> UUID:
    """The id of the person with this Keycloak subject, made on first sight; safe to race.

    A new person is announced once, to the appservice (`person.registered`, in the same transaction). The handle is
    `username@meton`; one that another has or had, or that nobody can have, gets a number or is made to fit. An e-mail
    address that another holds is left out.
    """
    known: UUID | None = await tx.value(_FIND, subject=subject)
    if known is not None:
        return known
    for connect_id in map(handles.connect_id_of, handles.suggestions(username)):
        await handles.hold(tx, connect_id)
        while not await handles.is_taken(tx, connect_id):
            born: UUID | None = await tx.value(
                _BEAR,
                subject=subject,
                connect_id=connect_id,
                display_name=names.tidy(display_name)[: names.LONGEST] or names.tidy(username) or connect_id,
                email=email.lower() if email else None,
                language=language or "en",
            )
            if born is not None:
                await outbox.emit(tx, "appservice", "person.registered", {"user_id": str(born)}, key=str(born))
                return born
            known = await tx.value(_FIND, subject=subject)
            if known is not None:
                return known
            # Someone else took the e-mail address in the same moment: look again.
    raise AssertionError("there is always another number")


_FIND = Statement(select(User.id).where(User.subject == bindparam("subject")))

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
