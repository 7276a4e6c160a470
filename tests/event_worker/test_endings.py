"""What Keycloak says of an account meets what its person wants: the one does not undo the other."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import bindparam, func, null, select, update

from db.engine import Database, Statement
from db.models import User
from event_worker import endings
from event_worker.endings import Status
from tests.event_worker.conftest import person
from tests.support.clones import Clone

SUBJECT = "a person of Keycloak"
NOW = Statement(select(User.status).where(User.subject == SUBJECT))
LEAVE = Statement(
    update(User).where(User.id == bindparam("person")).values(status="deactivated", deactivated_at=func.now())
)
RETURN = Statement(update(User).where(User.id == bindparam("person")).values(status="active", deactivated_at=null()))


@pytest.fixture
async def somebody(own: Database, database: Clone) -> UUID:
    return await person(database, SUBJECT)


async def say(own: Database, status: Status) -> Status | None:
    async with own.transaction() as tx:
        return await endings.set_status(tx, SUBJECT, status)


async def change(database: Clone, statement: Statement, somebody: UUID) -> None:
    async with database.transaction() as tx:
        await tx.execute(statement, person=somebody)


async def status(database: Clone) -> str:
    async with database.reading() as tx:
        return str(await tx.value(NOW))


async def test_suspending_and_enabling_again(own: Database, database: Clone, somebody: UUID) -> None:
    assert [await say(own, "suspended"), await say(own, "suspended")] == ["suspended", None]
    assert [await say(own, "active"), await say(own, "active")] == ["active", None]


async def test_an_account_that_keycloak_has_enabled_all_along_stays_deactivated(
    own: Database, database: Clone, somebody: UUID
) -> None:
    await change(database, LEAVE, somebody)
    assert await say(own, "active") is None
    assert await status(database) == "deactivated"


async def test_enabling_a_suspended_account_again_does_not_undo_that_its_person_left(
    own: Database, database: Clone, somebody: UUID
) -> None:
    await change(database, LEAVE, somebody)
    assert await say(own, "suspended") == "suspended"
    assert await say(own, "active") == "deactivated"
    assert await say(own, "active") is None


async def test_who_came_back_is_suspended_and_enabled_as_anybody(
    own: Database, database: Clone, somebody: UUID
) -> None:
    await change(database, LEAVE, somebody)
    await change(database, RETURN, somebody)
    assert [await say(own, "suspended"), await say(own, "active")] == ["suspended", "active"]


@pytest.mark.parametrize("left", [True, False])
async def test_deleted_in_keycloak_is_deactivated_here(
    own: Database, database: Clone, somebody: UUID, left: bool
) -> None:
    if left:
        await change(database, LEAVE, somebody)
    assert await say(own, "deactivated") == (None if left else "deactivated")
    assert await status(database) == "deactivated"


async def test_erased_is_for_ever(own: Database, database: Clone, somebody: UUID) -> None:
    async with database.transaction() as tx:
        await tx.execute(Statement(update(User).where(User.id == somebody).values(status="erased")))
    for said in ("active", "suspended", "deactivated"):
        assert await say(own, said) is None
    assert await status(database) == "erased"
