"""GET /v1/profiles/{connect_id}/card and GET /v1/cards."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import insert

from db.engine import Statement
from db.models import MatrixAccount
from tests.social_api.conftest import PUBLIC_URL, Person
from tests.support import graph
from tests.support.api import Answer
from tests.support.clones import Clone
from tests.support.records import set_status


async def scan(person: Person, payload: str) -> Answer:
    return await person.call("GET", f"/v1/cards?payload={quote(payload, safe='')}")


async def test_a_card_says_how_to_find_a_person_again(alice: Person, bob: Person, database: Clone) -> None:
    async with database.transaction() as tx:
        await tx.execute(Statement(insert(MatrixAccount).values(user_id=bob.id, mxid="@bob:meton.localhost")))
    assert await alice.get("/v1/profiles/Bob@Meton/card") == {
        "connect_id": "bob@meton",
        "display_name": "Bob",
        "profile_pic_url": None,
        "verified": False,
        "matrix_user_id": "@bob:meton.localhost",
        "url": f"{PUBLIC_URL}/@bob",
        "qr_payload": f"{PUBLIC_URL}/@bob",
    }


async def test_one_has_a_card_oneself(alice: Person) -> None:
    assert (await alice.get("/v1/profiles/alice@meton/card"))["matrix_user_id"] is None


@pytest.mark.parametrize(
    "payload",
    [
        "bob",
        "@bob",
        " Bob@Meton ",
        "meton:bob",
        "METON:bob@meton",
        "meton://bob@meton",
        f"{PUBLIC_URL}/@bob",
        f"{PUBLIC_URL.upper()}/@bob/?from=qr#top",
        f"{PUBLIC_URL}/@bob%40meton",
    ],
)
async def test_what_a_scan_gives_leads_to_the_card(alice: Person, bob: Person, payload: str) -> None:
    assert (await scan(alice, payload)).body == await alice.get("/v1/profiles/bob@meton/card")


async def test_its_own_payload_leads_to_it_also_after_another_name(alice: Person, bob: Person) -> None:
    card = await alice.get("/v1/profiles/bob@meton/card")
    await bob.put("/v1/me/handle", {"handle": "bobby"})
    found = await scan(alice, card["qr_payload"])
    assert (found.status, found.body["connect_id"]) == (200, "bobby@meton")
    assert await alice.get("/v1/profiles/bob@meton/card") == found.body


@pytest.mark.parametrize(
    ("payload", "host"),
    [
        ("https://elsewhere.example/@bob", "elsewhere.example"),
        ("http://meton.test:8443/@bob", "meton.test"),
        ("http://meton.test@elsewhere.example/@bob", "elsewhere.example"),
        ("bob@elsewhere.example", "elsewhere.example"),
        ("meton:bob@elsewhere.example", "elsewhere.example"),
    ],
)
async def test_a_contact_of_elsewhere_is_named_as_such(alice: Person, bob: Person, payload: str, host: str) -> None:
    answer = await scan(alice, payload)
    assert (answer.status, answer.body["type"].rpartition("/")[2]) == (422, "foreign-card")
    assert answer.body["host"] == host


@pytest.mark.parametrize(
    "payload", ["@", " ", "bob@", "meton:", f"{PUBLIC_URL}/feed", PUBLIC_URL, "http://[", "a b", "mailto:x", "x" * 501]
)
async def test_what_is_no_contact_is_refused_and_named(alice: Person, payload: str) -> None:
    answer = await scan(alice, payload)
    assert answer.status == 422
    assert answer.body["errors"][0]["pointer"] in ("payload", "/payload")


@pytest.mark.parametrize("payload", ["nobody-ever", "%00", "ü", "x" * 300])
async def test_nobody_has_no_card(alice: Person, payload: str) -> None:
    assert (await scan(alice, payload)).status in (404, 422)
    assert (await alice.call("GET", f"/v1/profiles/{quote(payload)}/card")).status == 404


async def test_who_is_not_there_has_no_card(alice: Person, bob: Person, charlie: Person, database: Clone) -> None:
    await bob.put("/v1/me/handle", {"handle": "bobby"})
    await graph.block(database, bob.id, alice.id)
    await set_status(database, charlie.id, "deactivated")
    for handle in ("bob", "bobby", "charlie"):
        assert (await alice.call("GET", f"/v1/profiles/{handle}@meton/card")).status == 404, handle
        assert (await scan(alice, handle)).status == 404, handle
