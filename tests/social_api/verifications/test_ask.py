"""POST, GET and DELETE /v1/me/verification."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import select

from db.engine import Statement
from db.models import AuditLog, User
from tests.social_api.conftest import Person
from tests.support import graph
from tests.support.clones import Clone
from tests.support.racing import race
from tests.support.records import count

PATH = "/v1/me/verification"
TOKEN = "opaque-9f2c61d0"
ASKED = {"provider": "DigiLocker", "token_id": "in.gov.digilocker-42", "document_token": TOKEN}
NOTHING = {"status": "none", "provider": None, "requested_at": None, "decided_at": None, "reason": None}


async def kept(database: Clone, person: Person) -> dict[str, Any]:
    async with database.reading() as tx:
        meta: dict[str, Any] = await tx.value(Statement(select(User.verification_meta).where(User.id == person.id)))
        return meta


async def test_at_first_there_is_none(alice: Person) -> None:
    assert await alice.get(PATH) == NOTHING


async def test_it_waits_for_a_decision(alice: Person, bob: Person) -> None:
    answer = await alice.call("POST", PATH, ASKED)
    assert answer.status == 201
    assert (answer.body["status"], answer.body["provider"]) == ("pending", "DigiLocker")
    assert await alice.get(PATH) == answer.body
    assert (await alice.get("/v1/me"))["verified_status"] == "pending"
    assert (await bob.get("/v1/profiles/alice@meton"))["verified"] is False
    assert await bob.get(PATH) == NOTHING


async def test_of_the_document_token_only_a_salted_hash_is_kept(alice: Person, bob: Person, database: Clone) -> None:
    for person in (alice, bob):
        await person.post(PATH, ASKED)
    meta, other = await kept(database, alice), await kept(database, bob)
    assert set(meta) == {"provider", "token_id", "document_hash", "requested_at"}
    assert TOKEN not in str(meta)
    assert meta["document_hash"] != other["document_hash"]
    _, n, r, p, salt, hashed = meta["document_hash"].split("$")
    again = hashlib.scrypt(TOKEN.encode(), salt=bytes.fromhex(salt), n=int(n), r=int(r), p=int(p))
    assert again.hex() == hashed
    async with database.reading() as tx:
        log = await tx.rows(Statement(select(AuditLog.action, AuditLog.meta)))
    assert [tuple(row) for row in log] == [("verification.requested", {"provider": "DigiLocker"})] * 2


@pytest.mark.parametrize("field", ["provider", "token_id", "document_token"])
@pytest.mark.parametrize("number", ["234123412346", "2341-2341-2346", "2341.2341_2346"])
async def test_an_aadhaar_number_is_refused_and_the_field_named(
    alice: Person, database: Clone, field: str, number: str
) -> None:
    answer = await alice.call("POST", PATH, ASKED | {field: number})
    assert (answer.status, answer.body["type"].rpartition("/")[2]) == (422, "aadhaar-refused")
    assert answer.body["field"] == field
    assert number not in str(answer.body)
    assert await alice.get(PATH) == NOTHING


async def test_in_spaces_and_devanagari_too(alice: Person) -> None:
    for number in ("2341 2341 2346", "२३४१२३४१२३४६"):
        answer = await alice.call("POST", PATH, ASKED | {"document_token": number})
        assert answer.body["type"].endswith("/aadhaar-refused"), number


async def test_the_database_refuses_it_as_well(alice: Person, database: Clone) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await graph.change(database, alice.id, verification_meta={"token_id": "2341.2341/2346"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("provider", ""),
        ("provider", "x" * 51),
        ("provider", "<script>"),
        ("token_id", ""),
        ("token_id", "two words"),
        ("token_id", None),
        ("document_token", "short"),
        ("document_token", "x" * 4097),
        ("document_token", "nul\u0000nul\u0000"),
        ("document", "x"),
    ],
)
async def test_what_cannot_be_is_refused_and_named(alice: Person, field: str, value: object) -> None:
    answer = await alice.call("POST", PATH, ASKED | {field: value})
    assert answer.status == 422
    assert [error["pointer"] for error in answer.body["errors"]] == [f"/{field}"]
    assert await alice.get(PATH) == NOTHING


async def test_asking_again_meanwhile_is_refused_and_repeating_is_not(alice: Person) -> None:
    key = {"Idempotency-Key": "once"}
    first = await alice.call("POST", PATH, ASKED, key)
    assert (await alice.call("POST", PATH, ASKED, key)).body == first.body
    again = await alice.call("POST", PATH, ASKED)
    assert (again.status, again.body["type"].rpartition("/")[2]) == (409, "verification-already-asked")
    assert again.body["state"] == "pending"


async def test_fifty_at_once_are_one_request(alice: Person, database: Clone) -> None:
    [answers] = await race(lambda: alice.call("POST", PATH, ASKED))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 49
    assert await count(database, AuditLog) == 1


async def test_a_request_is_taken_back_with_all_that_was_kept(alice: Person, database: Clone) -> None:
    await alice.post(PATH, ASKED)
    for _ in range(2):
        assert (await alice.call("DELETE", PATH)).status == 204
    assert await kept(database, alice) is None
    assert await alice.get(PATH) == NOTHING
    assert await count(database, AuditLog) == 2
    assert (await alice.call("POST", PATH, ASKED)).status == 201


async def test_who_is_verified_neither_asks_nor_takes_it_back(alice: Person, database: Clone) -> None:
    await graph.change(database, alice.id, verified_status="verified", verification_meta={"provider": "DigiLocker"})
    assert (await alice.call("POST", PATH, ASKED)).status == 409
    await alice.delete(PATH)
    assert (await alice.get(PATH))["status"] == "verified"


@pytest.mark.parametrize(("days", "status"), [(6, 409), (8, 201)])
async def test_who_was_refused_asks_again_after_a_week(alice: Person, database: Clone, days: int, status: int) -> None:
    decided = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    refused = {"requested_at": decided, "decided_at": decided, "reason": "Another name."}
    await graph.change(database, alice.id, verification_meta=refused)
    assert (await alice.get(PATH))["reason"] == "Another name."
    answer = await alice.call("POST", PATH, ASKED)
    assert answer.status == status
    if status == 409:
        assert answer.body["type"].endswith("/verification-refused-lately")
        assert datetime.fromisoformat(answer.body["until"]) > datetime.now(UTC)
    else:
        assert answer.body["reason"] is None
