"""GET /v1/admin/verifications and POST /v1/admin/verifications/{user_id}/decision."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from db.engine import Statement
from db.models import AuditLog, User
from tests.social_api.conftest import House, Person
from tests.social_api.verifications.conftest import with_role
from tests.social_api.verifications.test_ask import ASKED, PATH
from tests.support import graph
from tests.support.api import Answer
from tests.support.clones import Clone
from tests.support.racing import race
from tests.support.records import set_status, told

WAITING = "/v1/admin/verifications"
YES: dict[str, Any] = {"approved": True}
NO = {"approved": False, "reason": "The name is another one."}


async def decide(by: Person, about: Person, decision: dict[str, Any]) -> Answer:
    return await by.call("POST", f"{WAITING}/{about.id}/decision", decision)


async def kept(database: Clone, person: Person) -> dict[str, Any]:
    async with database.reading() as tx:
        meta: dict[str, Any] = await tx.value(Statement(select(User.verification_meta).where(User.id == person.id)))
        return meta


async def decisions(database: Clone) -> list[tuple[str, Any, Any]]:
    log = select(AuditLog.action, AuditLog.user_id, AuditLog.meta).where(AuditLog.action != "verification.requested")
    async with database.reading() as tx:
        return [tuple(row) for row in await tx.rows(Statement(log.order_by(AuditLog.position)))]


async def test_they_see_who_waits_page_by_page(
    alice: Person, bob: Person, charlie: Person, moderator: Person, database: Clone
) -> None:
    assert await moderator.get(WAITING) == {"items": [], "next": None}
    for person in (charlie, bob, alice):
        await person.post(PATH, ASKED)
    await graph.block(database, bob.id, moderator.id)
    first = await moderator.get(f"{WAITING}?limit=2")
    second = await moderator.get(f"{WAITING}?limit=2&cursor={first['next']}")
    assert second["next"] is None
    seen = first["items"] + second["items"]
    assert [item["person"]["connect_id"] for item in seen] == ["alice@meton", "bob@meton", "charlie@meton"]
    assert seen[0]["user_id"] == str(alice.id)
    assert (seen[0]["provider"], seen[0]["token_id"]) == (ASKED["provider"], ASKED["token_id"])
    assert "document" not in str(seen)


async def test_who_is_not_active_does_not_wait(alice: Person, moderator: Person, database: Clone) -> None:
    await alice.post(PATH, ASKED)
    await set_status(database, alice.id, "suspended")
    assert (await moderator.get(WAITING))["items"] == []
    assert (await decide(moderator, alice, YES)).status == 404


async def test_yes(alice: Person, bob: Person, moderator: Person, database: Clone) -> None:
    await alice.post(PATH, ASKED)
    answer = await decide(moderator, alice, YES)
    assert (answer.status, answer.body["status"]) == (200, "verified")
    assert await alice.get(PATH) == answer.body
    assert (await bob.get("/v1/profiles/alice@meton"))["verified"] is True
    assert (await moderator.get(WAITING))["items"] == []
    assert set(await kept(database, alice)) == {"provider", "token_id", "document_hash", "requested_at", "decided_at"}
    [event] = await told(database, "verification.decided")
    assert (event["users"], event["payload"]) == ([str(alice.id)], {"approved": True})
    assert await decisions(database) == [
        ("verification.approved", moderator.id, {"person": str(alice.id), "reason": None})
    ]


async def test_no(alice: Person, moderator: Person, database: Clone) -> None:
    await alice.post(PATH, ASKED)
    answer = await decide(moderator, alice, NO)
    assert (answer.status, answer.body["status"], answer.body["reason"]) == (200, "none", NO["reason"])
    assert await alice.get(PATH) == answer.body
    assert set(await kept(database, alice)) == {"requested_at", "decided_at", "reason"}
    [event] = await told(database, "verification.decided")
    assert event["payload"] == {"approved": False}
    assert await decisions(database) == [
        ("verification.refused", moderator.id, {"person": str(alice.id), "reason": NO["reason"]})
    ]


@pytest.mark.parametrize("first", [YES, NO])
async def test_what_is_decided_stays_decided(alice: Person, moderator: Person, first: dict[str, Any]) -> None:
    await alice.post(PATH, ASKED)
    decided = await decide(moderator, alice, first)
    for second in (YES, NO):
        answer = await decide(moderator, alice, second)
        assert (answer.status, answer.body["type"].rpartition("/")[2]) == (409, "verification-decided")
    assert await alice.get(PATH) == decided.body


async def test_the_same_key_gives_the_same_answer(alice: Person, moderator: Person, database: Clone) -> None:
    await alice.post(PATH, ASKED)
    path, key = f"{WAITING}/{alice.id}/decision", {"Idempotency-Key": "once"}
    first = await moderator.call("POST", path, YES, key)
    assert (await moderator.call("POST", path, YES, key)).body == first.body
    assert (await moderator.call("POST", path, NO, key)).status == 422
    assert len(await told(database, "verification.decided")) == 1


async def test_a_refusal_says_why(alice: Person, moderator: Person) -> None:
    await alice.post(PATH, ASKED)
    for reason in ({}, {"reason": None}, {"reason": "  "}):
        answer = await decide(moderator, alice, {"approved": False, **reason})
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/reason")
    number = await decide(moderator, alice, {"approved": False, "reason": "It is 2341 2341 2346."})
    assert (number.status, number.body["field"]) == (422, "reason")
    assert (await alice.get(PATH))["status"] == "pending"


async def test_who_did_not_ask_is_not_there(alice: Person, bob: Person, moderator: Person) -> None:
    assert (await decide(moderator, alice, YES)).status == 404
    await bob.post(PATH, ASKED)
    await bob.delete(PATH)
    assert (await decide(moderator, bob, YES)).status == 404


async def test_nobody_decides_about_themselves(moderator: Person) -> None:
    await moderator.post(PATH, ASKED)
    assert (await decide(moderator, moderator, YES)).status == 403
    assert (await moderator.get(PATH))["status"] == "pending"


async def test_an_administrator_decides_too(house: House, alice: Person) -> None:
    await alice.post(PATH, ASKED)
    assert (await decide(await with_role(house, "ada", "admin"), alice, YES)).status == 200


async def test_for_everybody_else_none_of_this_is_there(house: House, alice: Person, bob: Person) -> None:
    await alice.post(PATH, ASKED)
    never = await bob.call("GET", "/v1/nothing-of-this-name")
    calls: list[tuple[str, str, Any]] = [("GET", WAITING, None), ("GET", f"{WAITING}?limit=0", None)]
    calls += [("POST", f"{WAITING}/{alice.id}/decision", body) for body in (YES, {"surprise": 1})]
    for person in (bob, alice, await with_role(house, "olga", "moderators", "Admin")):
        for method, path, body in calls:
            answer = await person.call(method, path, body)
            assert (answer.status, {**answer.body, "instance": ""}) == (404, {**never.body, "instance": ""})
    assert (await alice.get(PATH))["status"] == "pending"


async def test_of_fifty_decisions_at_once_one_counts(alice: Person, moderator: Person, database: Clone) -> None:
    await alice.post(PATH, ASKED)
    yes, no = await race(lambda: decide(moderator, alice, YES), lambda: decide(moderator, alice, NO), times=25)
    assert sorted(answer.status for answer in yes + no) == [200] + [409] * 49
    assert len(await decisions(database)) == 1
    assert len(await told(database, "verification.decided")) == 1


async def test_withdrawing_and_deciding_at_once_come_to_one_of_the_two(
    alice: Person, moderator: Person, database: Clone
) -> None:
    await alice.post(PATH, ASKED)
    decided, _ = await race(lambda: decide(moderator, alice, YES), lambda: alice.call("DELETE", PATH), times=10)
    verified = any(answer.status == 200 for answer in decided)
    assert (await alice.get(PATH))["status"] == ("verified" if verified else "none")
    assert len(await told(database, "verification.decided")) == verified
