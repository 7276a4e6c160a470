"""People and their Matrix accounts."""

from __future__ import annotations

from uuid import uuid4

import pytest
from mautrix.api import Method, Path
from mautrix.errors import MUnknownToken
from sqlalchemy import select

from appservice.command import Tools
from appservice.homeserver import Homeserver
from appservice.people.accounts import ensure_account
from db import outbox
from db.engine import Statement
from db.models.matrix import MatrixAccount
from db.models.outbox import Outbox
from tests.appservice.clients import Person
from tests.appservice.conftest import BehindADoor, KilledAfter, KilledError, Registered
from tests.appservice.delivering import Delivering
from tests.support.clones import Clone
from tests.support.waiting import eventually

DEAD = Statement(select(Outbox.error).where(Outbox.failed_at.is_not(None)))
OPEN = Statement(select(Outbox.topic).where(Outbox.done_at.is_(None)))
ACCOUNTS = Statement(select(MatrixAccount.user_id, MatrixAccount.mxid, MatrixAccount.provisioned_at))


async def is_signed_in(homeserver: Homeserver, token: str) -> bool:
    try:
        await homeserver._api(token).request(Method.GET, Path.v3.account.whoami)
    except MUnknownToken:
        return False
    return True


async def ask_to_end_sessions(database: Clone, person: Person) -> None:
    async with database.transaction() as tx:
        payload = {"user_id": str(person.user_id), "subject": person.subject}
        await outbox.emit(tx, "appservice", "person.sessions_ended", payload, key=person.subject)


async def test_the_end_of_sessions_of_somebody_who_never_came_here_is_nothing_to_do(
    database: Clone, tools: Tools
) -> None:
    async with database.transaction() as tx:
        payload = {"user_id": None, "subject": str(uuid4())}
        await outbox.emit(tx, "appservice", "person.sessions_ended", payload)
    async with Delivering(database, tools):
        pass  # returns once nothing is left to do
    async with database.reading() as tx:
        assert await tx.rows(OPEN) == []


async def test_who_registers_gets_an_account_of_the_same_name(
    database: Clone, tools: Tools, registered: Registered
) -> None:
    alice = await registered("alice")
    async with Delivering(database, tools):
        pass
    assert await tools.homeserver.account_of(alice.subject) == alice.mxid
    account = await tools.homeserver.account(alice.mxid)
    assert account is not None
    assert account["displayname"] == "Alice"
    async with database.reading() as tx:
        (row,) = await tx.rows(ACCOUNTS)
    assert (row["mxid"], row["provisioned_at"] is not None) == (alice.mxid, True)


async def test_who_signed_in_to_matrix_first_keeps_that_account(tools: Tools, registered: Registered) -> None:
    alice = await registered("alice")
    first = alice.mxid.replace("@", "@element-")
    await tools.homeserver.make_account(first, alice.subject, "Alice")
    assert await ensure_account(tools.database, tools.homeserver, alice.user_id) == first


async def test_a_name_that_is_somebody_elses_is_never_taken_over(tools: Tools, registered: Registered) -> None:
    alice = await registered("alice")
    await tools.homeserver.make_account(alice.mxid, str(uuid4()), "An earlier Alice")
    given = await ensure_account(tools.database, tools.homeserver, alice.user_id)
    assert given == alice.mxid.replace(alice.username, f"{alice.username}1")


async def test_a_service_account_without_an_owner_is_never_taken_over(tools: Tools, registered: Registered) -> None:
    service = await registered("service")
    await tools.homeserver._admin.request(Method.PUT, f"_synapse/admin/v2/users/{service.mxid}", {"displayname": "Bot"})
    given = await ensure_account(tools.database, tools.homeserver, service.user_id)
    assert given != service.mxid


async def test_a_name_that_the_actor_could_not_act_for_is_not_given(tools: Tools, registered: Registered) -> None:
    person = await registered("boot-camp")
    given = await ensure_account(tools.database, tools.homeserver, person.user_id)
    assert given.startswith("@xboot-camp")


async def test_killed_anywhere_it_makes_the_same_account_in_the_end(
    tools: Tools, killed_after: KilledAfter, registered: Registered
) -> None:
    alice = await registered("alice")
    for requests in range(3):
        async with killed_after(requests) as killed:
            with pytest.raises(KilledError):
                await ensure_account(killed.database, killed.homeserver, alice.user_id)
    assert await ensure_account(tools.database, tools.homeserver, alice.user_id) == alice.mxid


async def test_an_account_that_a_kill_left_without_its_owner_is_bound_to_them(
    tools: Tools, killed_after: KilledAfter, registered: Registered
) -> None:
    alice = await registered("alice")
    async with killed_after(2) as killed:
        with pytest.raises(KilledError):
            await ensure_account(killed.database, killed.homeserver, alice.user_id)
    await tools.homeserver._admin.request(Method.PUT, f"_synapse/admin/v2/users/{alice.mxid}", {"displayname": "Alice"})
    assert await ensure_account(tools.database, tools.homeserver, alice.user_id) == alice.mxid
    assert await tools.homeserver.account_of(alice.subject) == alice.mxid


async def test_many_at_once_make_one_account(database: Clone, tools: Tools, registered: Registered) -> None:
    alice = await registered("alice")
    async with database.transaction() as tx:
        for number in range(10):
            payload = {"user_id": str(alice.user_id)}
            await outbox.emit(tx, "appservice", "person.registered", payload, key=str(number))
    async with Delivering(database, tools), Delivering(database, tools):
        pass
    async with database.reading() as tx:
        assert [row["mxid"] for row in await tx.rows(ACCOUNTS)] == [alice.mxid]
    assert await tools.homeserver.account_of(alice.subject) == alice.mxid


async def test_ended_sessions_end_in_matrix(database: Clone, tools: Tools, alice: Person) -> None:
    tokens = [await alice.sign_in() for _ in range(2)]
    await ask_to_end_sessions(database, alice)
    async with Delivering(database, tools):
        pass
    assert [await is_signed_in(tools.homeserver, token) for token in tokens] == [False, False]
    assert await is_signed_in(tools.homeserver, await alice.sign_in())


async def test_sessions_of_somebody_without_an_account_are_no_trouble(
    database: Clone, tools: Tools, registered: Registered
) -> None:
    await ask_to_end_sessions(database, await registered("nobody"))
    async with Delivering(database, tools):
        pass


async def test_sessions_that_ended_while_synapse_was_away_end_when_it_is_back(
    database: Clone, homeserver: Homeserver, behind_a_door: BehindADoor, alice: Person
) -> None:
    token = await alice.sign_in()
    async with behind_a_door() as (door, tools):
        await door.shut()
        await ask_to_end_sessions(database, alice)
        async with Delivering(database, tools):
            await eventually(door.knocked_at)
            assert await is_signed_in(homeserver, token)
            await door.open()
    assert not await is_signed_in(homeserver, token)
    async with database.reading() as tx:
        assert await tx.rows(DEAD) == []
