"""POST /v1/me/deactivate, and coming back by signing in."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from sqlalchemy import func, insert, null, select, update

from db.engine import Statement
from db.models import AuditLog, AuthSession, Revocation, User
from tests.social_api.conftest import House, Person
from tests.support import records
from tests.support.api import Answer, live
from tests.support.clones import Clone
from tests.support.waiting import eventually

DEACTIVATE = "/v1/me/deactivate"
VERIFIER = "v" * 43


async def acts(database: Clone) -> list[str]:
    async with database.reading() as tx:
        return [row["action"] for row in await tx.rows(Statement(select(AuditLog.action).order_by(AuditLog.position)))]


def later_token(house: House, person: Person) -> str:
    """One that Keycloak gives after now: what was issued up to the moment of leaving has ended."""
    return house.realm.token(house.settings.issuer, person.username, iat=int(time.time()) + 2, sid="later", jti="later")


async def sign_in(house: House, person: Person) -> Answer:
    house.realm.codes["a code"] = later_token(house, person)
    body = {"code": "a code", "code_verifier": VERIFIER, "redirect_uri": "http://meton.test/cb"}
    answer = await house.nobody.call("POST", "/v1/sessions", body)
    if answer.status == 201:
        person.token = answer.body["access_token"]
    return answer


async def ended(person: Person) -> None:
    async def refused() -> bool:
        return (await person.call("GET", "/v1/me")).status == 401

    await eventually(refused, 5)


async def test_nothing_of_the_person_is_there_for_others(alice: Person, bob: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "hello"})
    await alice.put("/v1/profiles/bob@meton/follow")
    assert (await alice.call("POST", DEACTIVATE)).status == 204
    assert (await bob.call("GET", "/v1/profiles/alice@meton")).status == 404
    assert (await bob.call("GET", f"/v1/posts/{post['id']}")).status == 404
    assert (await bob.get("/v1/profiles/bob@meton"))["counts"]["followers"] == 0


async def test_all_sessions_end_here_at_once_and_elsewhere_soon(
    house: House, alice: Person, bob: Person, database: Clone
) -> None:
    session = {"user_id": alice.id, "refresh_token_hash": "x", "expires_at": await records.now(database)}
    async with database.transaction() as tx:
        await tx.execute(Statement(insert(AuthSession).values(**session, keycloak_session="another session")))
    async with live(alice) as connection:
        await alice.call("POST", DEACTIVATE)
        await ended(alice)
        with pytest.raises(TypeError, match="4401"):
            await connection.event("never", 5)
    async with database.reading() as tx:
        assert await tx.value(Statement(select(func.count()).where(AuthSession.ended_at.is_(None)))) == 0
        assert await tx.value(Statement(select(Revocation.subject))) == house.realm.subject("alice")
    subject = house.realm.subject("alice")
    assert await records.outbox(database, "person.log_out") == [{"subject": subject}]
    assert await records.outbox(database, "person.sessions_ended") == [{"user_id": str(alice.id), "subject": subject}]
    assert await acts(database) == ["person.deactivated"]
    assert (await bob.call("GET", "/v1/me")).status == 200


async def test_a_token_of_later_is_told_how_to_return(house: House, alice: Person) -> None:
    await alice.call("POST", DEACTIVATE)
    await ended(alice)
    alice.token = later_token(house, alice)
    answer = await alice.call("GET", "/v1/me")
    assert (answer.status, answer.body["type"].rpartition("/")[2]) == (403, "account-deactivated")
    assert "/v1/sessions" in answer.body["detail"]


async def test_signing_in_brings_everything_back(house: House, alice: Person, bob: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "hello"})
    await alice.put("/v1/profiles/bob@meton/follow")
    await alice.call("POST", DEACTIVATE)
    await ended(alice)
    assert (await sign_in(house, alice)).status == 201
    assert (await alice.get("/v1/me"))["connect_id"] == "alice@meton"
    assert (await bob.get(f"/v1/posts/{post['id']}"))["caption"] == "hello"
    assert (await bob.get("/v1/profiles/bob@meton"))["counts"]["followers"] == 1
    assert await acts(database) == ["person.deactivated", "person.returned", "session.started"]
    async with database.reading() as tx:
        row = await tx.row(Statement(select(User.status, User.deactivated_at).where(User.id == alice.id)))
    assert row is not None
    assert tuple(row) == ("active", None)


@pytest.mark.parametrize(
    ("columns", "status"),
    [
        ({"status": "suspended"}, 403),
        ({"status": "deactivated", "deactivated_at": null()}, 401),
        ({"status": "erased"}, 401),
    ],
)
async def test_signing_in_undoes_nothing_but_the_persons_own_leaving(
    house: House, alice: Person, database: Clone, columns: dict[str, Any], status: int
) -> None:
    await alice.call("POST", DEACTIVATE)
    async with database.transaction() as tx:
        await tx.execute(Statement(update(User).where(User.id == alice.id).values(columns)))
    await ended(alice)
    assert (await sign_in(house, alice)).status == status
    async with database.reading() as tx:
        assert await tx.value(Statement(select(User.status).where(User.id == alice.id))) == columns["status"]


async def test_deactivating_many_times_at_once_has_one_effect(alice: Person, database: Clone) -> None:
    answers = await asyncio.gather(*(alice.call("POST", DEACTIVATE) for _ in range(20)))
    assert {answer.status for answer in answers} <= {204, 401}
    assert await acts(database) == ["person.deactivated"]
    assert len(await records.outbox(database, "person.log_out")) == 1
