"""Finds what no event told: accounts that are disabled, deleted or enabled in Keycloak and something else here."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import structlog
from sqlalchemy import Text, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from db.engine import Database, Statement
from db.models import User
from event_worker.changes import Cause
from event_worker.keycloak import Account, Keycloak
from event_worker.settling import Settler

AT_ONCE = 200
"""People asked for in one sweep, about a second's work; the next sweep goes on after them."""
NEVER_SO_MANY = 20
"""More people than this, and most of those asked for, are not deleted within one sweep: the realm was replaced."""

_log = structlog.get_logger()


class Sweeper:
    """Compares people here with Keycloak, a bounded number at a time."""

    def __init__(self, database: Database, keycloak: Keycloak, settler: Settler) -> None:
        self._database = database
        self._keycloak = keycloak
        self._settler = settler
        self._after = UUID(int=0)

    async def sweep(self) -> None:
        """All that Keycloak lists as disabled, and the next of the people here. Raises KeycloakError."""
        async for page in self._keycloak.disabled_accounts():
            disabled = {account.id: account for account in page}
            async with self._database.reading() as tx:
                missed = await tx.rows(_STILL_ACTIVE, subjects=list(disabled))
            for person in missed:
                await self._settle(person, disabled[person["subject"]])
        await self._compare_next()

    async def _compare_next(self) -> None:
        async with self._database.reading() as tx:
            people = await tx.rows(_NEXT, after=self._after)
        accounts = [(person, await self._keycloak.account(person["subject"])) for person in people]
        self._after = people[-1]["id"] if len(people) == AT_ONCE else UUID(int=0)
        unknown = sum(account is None for _, account in accounts)
        if unknown > max(NEVER_SO_MANY, len(accounts) // 2):
            _log.error(
                "keycloak knows hardly anybody; nobody is deactivated for that", asked=len(people), unknown=unknown
            )
            return
        for person, account in accounts:
            if account is None or account.enabled != (person["status"] == "active"):
                await self._settle(person, account)

    async def _settle(self, person: asyncpg.Record, account: Account | None) -> None:
        cause = Cause(uuid4(), datetime.now(UTC), "found by comparing")
        await self._settler.settle_person(cause, person["subject"], account, ended=False)


_STILL_ACTIVE = Statement(
    select(User.subject).where(
        User.subject == func.any(bindparam("subjects", type_=ARRAY(Text()))), User.status == "active"
    )
)
_NEXT = Statement(
    select(User.id, User.subject, User.status)
    .where(User.id > bindparam("after"), or_(User.status == "active", User.status == "suspended"))
    .order_by(User.id)
    .limit(AT_ONCE)
)
