"""GET and PATCH /v1/me."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from db.engine import Statement
from db.models import MatrixAccount
from tests.social_api.conftest import PUBLIC_URL, House, Person
from tests.support.clones import Clone
from tests.support.records import outbox


async def test_it_shows_the_one_who_asks(alice: Person) -> None:
    me = await alice.get("/v1/me")
    assert me["connect_id"] == "alice@meton"
    assert me["display_name"] == "Alice"
    assert me["matrix"] is None


async def test_it_says_where_to_chat_once_the_chat_account_is_there(alice: Person, database: Clone) -> None:
    async with database.transaction() as tx:
        account = insert(MatrixAccount).values(user_id=alice.id, mxid="@alice:meton.localhost")
        await tx.execute(Statement(account))
    me = await alice.get("/v1/me")
    assert me["matrix"] == {"user_id": "@alice:meton.localhost", "homeserver": PUBLIC_URL}


async def test_the_first_request_registers_the_person_once(alice: Person, database: Clone) -> None:
    await alice.get("/v1/me")
    assert await outbox(database, "person.registered") == [{"user_id": str(alice.id)}]


async def test_nobody_is_nobody(house: House) -> None:
    assert (await house.nobody.call("GET", "/v1/me")).status == 401
    assert (await house.nobody.call("PATCH", "/v1/me", {"bio": "x"})).status == 401


async def test_it_changes_only_what_is_given(alice: Person) -> None:
    await alice.call("PATCH", "/v1/me", {"bio": "  चाय और रेलगाड़ियाँ  "})
    answer = await alice.call("PATCH", "/v1/me", {"display_name": " Alice A. ", "language": "hi"})
    assert answer.status == 200
    assert answer.body["display_name"] == "Alice A."
    assert answer.body["language"] == "hi"
    assert answer.body["bio"] == "चाय और रेलगाड़ियाँ"
    assert answer.body == await alice.get("/v1/me")


@pytest.mark.parametrize("bio", [None, "", "   "])
async def test_a_bio_can_be_taken_away(alice: Person, bio: str | None) -> None:
    await alice.call("PATCH", "/v1/me", {"bio": "here"})
    answer = await alice.call("PATCH", "/v1/me", {"bio": bio})
    assert answer.body["bio"] is None


async def test_nothing_to_change_changes_nothing(alice: Person) -> None:
    before = await alice.get("/v1/me")
    assert (await alice.call("PATCH", "/v1/me", {})).body == before


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"display_name": ""}, "/display_name"),
        ({"display_name": "   "}, "/display_name"),
        ({"display_name": "x" * 81}, "/display_name"),
        ({"display_name": "two\nlines"}, "/display_name"),
        ({"display_name": "\u202eecilA"}, "/display_name"),
        ({"display_name": "Alice\u200f"}, "/display_name"),
        ({"display_name": "\u200b\u200d"}, "/display_name"),
        ({"display_name": "\u3164"}, "/display_name"),
        ({"display_name": "\u0301"}, "/display_name"),
        ({"display_name": None}, "/display_name"),
        ({"bio": "x" * 501}, "/bio"),
        ({"bio": "nul\u0000"}, "/bio"),
        ({"language": "fr"}, "/language"),
        ({"connect_id": "root@meton"}, "/connect_id"),
        ({"verified_status": "verified"}, "/verified_status"),
    ],
)
async def test_what_cannot_be_is_refused_and_named(alice: Person, change: dict[str, object], pointer: str) -> None:
    before = await alice.get("/v1/me")
    answer = await alice.call("PATCH", "/v1/me", change)
    assert answer.status == 422
    assert [error["pointer"] for error in answer.body["errors"]] == [pointer]
    assert await alice.get("/v1/me") == before


async def test_the_same_key_gives_the_same_answer(alice: Person) -> None:
    key = {"Idempotency-Key": "once"}
    first = await alice.call("PATCH", "/v1/me", {"bio": "one"}, key)
    await alice.call("PATCH", "/v1/me", {"bio": "two"})
    again = await alice.call("PATCH", "/v1/me", {"bio": "one"}, key)
    assert (again.status, again.body) == (first.status, first.body)
    assert (await alice.get("/v1/me"))["bio"] == "two"


async def test_one_changes_oneself_and_nobody_else(alice: Person, bob: Person) -> None:
    await alice.call("PATCH", "/v1/me", {"display_name": "Not Bob"})
    assert (await bob.get("/v1/me"))["display_name"] == "Bob"


@pytest.mark.parametrize(
    ("name", "shown"), [("Ali\u200bce", "Alice"), ("क्\u200dष", "क्\u200dष"), (" Alice  \u00a0 A. ", "Alice A.")]
)
async def test_a_name_is_kept_as_it_is_seen(alice: Person, name: str, shown: str) -> None:
    assert (await alice.call("PATCH", "/v1/me", {"display_name": name})).body["display_name"] == shown
