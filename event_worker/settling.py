"""Turns one change in Keycloak into what it means here: revocations, statuses, and what the other services must do."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, literal, select

from db import audit, outbox
from db.engine import Database, Statement, Transaction
from db.models import User
from event_worker import endings
from event_worker.changes import Cause, Change, EverybodyEnded, PersonChanged, SessionEnded
from event_worker.endings import Status
from event_worker.keycloak import Account, Keycloak

PAGE = 500


class Settler:
    """Settles changes; to settle one twice is the same as once."""

    def __init__(self, database: Database, keycloak: Keycloak) -> None:
        self._database = database
        self._keycloak = keycloak

    async def settle(self, change: Change) -> None:
        """Do what `change` asks for. Raises KeycloakError when Keycloak cannot be asked; nothing was done then."""
        match change:
            case PersonChanged(cause, subject, ended):
                await self.settle_person(cause, subject, await self._keycloak.account(subject), ended=ended)
            case SessionEnded(cause, session):
                await self._settle_session(cause, session)
            case EverybodyEnded(cause):
                await self._settle_everybody(cause)

    async def settle_person(self, cause: Cause, subject: str, account: Account | None, *, ended: bool) -> None:
        """Make the person here what `account` says (None: deleted).

        All their sessions end if `ended`, and when the account turns out to be active no more.
        """
        async with self._database.transaction() as tx:
            person = await endings.person_of(tx, subject)
            now = await endings.set_status(tx, subject, _status(account))
            over = (ended or now not in (None, "active")) and await endings.end_person(tx, cause, subject)
            if over:
                await _tell(tx, subject, person, log_out=account is not None)
            about = {"reason": cause.reason, "by": cause.by, "event": str(cause.id)}
            if over:
                await audit.record(tx, "person.sessions_ended", person, about)
            if now is not None:
                await audit.record(tx, f"person.{now}", person, about)

    async def _settle_session(self, cause: Cause, session: str) -> None:
        async with self._database.reading() as tx:
            person = await endings.person_of_session(tx, session)
        # Synapse hears of one session from Keycloak, once; when an administrator ends the last one, make sure of it
        last = person is not None and cause.by is not None and not await self._keycloak.sessions(person["subject"])
        async with self._database.transaction() as tx:
            if await endings.end_session(tx, cause, session):
                if person and last:
                    await _tell(tx, person["subject"], person["id"], log_out=False)
                about = {"reason": cause.reason, "by": cause.by, "event": str(cause.id)}
                await audit.record(tx, "session.ended", person["id"] if person else None, about)

    async def _settle_everybody(self, cause: Cause) -> None:
        """Person by person, so that no transaction is long; the cursor waits, so the API asks Keycloak meanwhile."""
        after = UUID(int=0)
        while True:
            async with self._database.reading() as tx:
                people = await tx.rows(_EVERYBODY, after=after)
            for person in people:
                async with self._database.transaction() as tx:
                    if await endings.end_person(tx, cause, person["subject"]):
                        await _tell(tx, person["subject"], person["id"], log_out=False)
            if len(people) < PAGE:
                break
            after = people[-1]["id"]
        async with self._database.transaction() as tx:
            await audit.record(tx, "realm.sessions_ended", None, {"by": cause.by, "event": str(cause.id)})


async def _tell(tx: Transaction, subject: str, person: UUID | None, *, log_out: bool) -> None:
    """Let the Matrix sessions end too, and those in Keycloak where they did not end by the change itself."""
    about = {"user_id": str(person) if person else None, "subject": subject}
    await outbox.emit(tx, "appservice", "person.sessions_ended", about)
    if log_out:
        await outbox.emit(tx, "event_worker", "person.log_out", {"subject": subject})


def _status(account: Account | None) -> Status:
    if account is None:
        return "deactivated"
    return "active" if account.enabled else "suspended"


_EVERYBODY = Statement(
    select(User.id, User.subject)
    .where(User.id > bindparam("after"), User.status != literal("erased"))
    .order_by(User.id)
    .limit(PAGE)
)
