"""A verification is of the names that were looked at: with another one it ends."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from db.engine import Statement
from db.models import AuditLog
from tests.social_api.conftest import Person
from tests.social_api.verifications.test_ask import ASKED, NOTHING, PATH, kept
from tests.social_api.verifications.test_decide import YES, decide
from tests.support import graph
from tests.support.clones import Clone
from tests.support.racing import race

NAME = ("PATCH", "/v1/me", {"display_name": "Alia Bhatt"})
HANDLE = ("PUT", "/v1/me/handle", {"handle": "alia.bhatt"})
renamings = pytest.mark.parametrize(
    ("change", "because"), [(NAME, "display_name"), (HANDLE, "handle")], ids=["name", "handle"]
)


async def verify(database: Clone, person: Person) -> None:
    meta = {"provider": "DigiLocker", "token_id": "in.gov.digilocker-42"}
    await graph.change(database, person.id, verified_status="verified", verification_meta=meta)


async def ended(database: Clone) -> list[tuple[Any, ...]]:
    rows = select(AuditLog.user_id, AuditLog.meta).where(AuditLog.action == "verification.ended")
    async with database.reading() as tx:
        return [tuple(row) for row in await tx.rows(Statement(rows))]


@renamings
async def test_who_is_verified_and_takes_another_name_is_so_no_more(
    alice: Person, bob: Person, database: Clone, change: Any, because: str
) -> None:
    await verify(database, alice)
    answer = await alice.call(*change)
    assert (answer.status, answer.body["verified_status"]) == (200, "none")
    assert await alice.get(PATH) == NOTHING
    assert await kept(database, alice) is None
    assert (await bob.get(f"/v1/profiles/{answer.body['connect_id']}"))["verified"] is False
    assert await ended(database) == [(alice.id, {"because": because})]
    assert (await alice.call("POST", PATH, ASKED)).status == 201


@renamings
async def test_a_request_about_another_name_cannot_be_granted(
    alice: Person, moderator: Person, database: Clone, change: Any, because: str
) -> None:
    await alice.post(PATH, ASKED)
    assert (await alice.call(*change)).body["verified_status"] == "none"
    assert (await decide(moderator, alice, YES)).status == 404
    assert await ended(database) == [(alice.id, {"because": because})]


@pytest.mark.parametrize(
    "change",
    [
        ("PATCH", "/v1/me", {"bio": "चाय", "language": "hi"}),
        ("PATCH", "/v1/me", {"display_name": " Ali\u200bce "}),
        ("PATCH", "/v1/me", {"display_name": "\u3164"}),
        ("PUT", "/v1/me/handle", {"handle": "Alice"}),
        ("PUT", "/v1/me/handle", {"handle": "admin"}),
        ("PUT", "/v1/me/handle", {"handle": "bob"}),
    ],
)
async def test_with_the_same_name_it_stays(alice: Person, bob: Person, database: Clone, change: Any) -> None:
    await verify(database, alice)
    await alice.call(*change)
    assert (await alice.get("/v1/me"))["verified_status"] == "verified"
    assert await ended(database) == []


async def test_there_is_nothing_to_end_for_others(alice: Person, database: Clone) -> None:
    for change in (NAME, HANDLE):
        assert (await alice.call(*change)).status == 200
    assert await ended(database) == []


async def test_of_fifty_changes_at_once_one_ends_it(alice: Person, database: Clone) -> None:
    await verify(database, alice)
    names = iter(range(50))
    [answers] = await race(lambda: alice.call("PATCH", "/v1/me", {"display_name": f"Alice {next(names)}"}))
    assert {(answer.status, answer.body["verified_status"]) for answer in answers} == {(200, "none")}
    assert len(await ended(database)) == 1


async def test_nobody_is_verified_under_a_name_that_was_not_looked_at(
    alice: Person, moderator: Person, database: Clone
) -> None:
    await alice.post(PATH, ASKED)
    decided, _ = await race(lambda: decide(moderator, alice, YES), lambda: alice.call(*NAME), times=10)
    me = await alice.get("/v1/me")
    assert (me["display_name"], me["verified_status"]) == ("Alia Bhatt", "none")
    assert {answer.status for answer in decided} <= {200, 404, 409}
