"""PUT /v1/me/privacy."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from db.engine import Statement
from db.models import Follow, FollowRequest
from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.clones import Clone
from tests.support.racing import race
from tests.support.records import count, told

PRIVACY = "/v1/me/privacy"


async def test_an_account_is_made_private_and_opened(alice: Person, bob: Person) -> None:
    assert (await alice.get("/v1/me"))["is_private"] is False
    for is_private in (True, True, False):
        assert (await alice.put(PRIVACY, {"is_private": is_private}))["is_private"] is is_private
        assert (await bob.get("/v1/profiles/alice@meton"))["is_private"] is is_private


async def test_who_follows_already_goes_on(alice: Person, bob: Person) -> None:
    await bob.put("/v1/profiles/alice@meton/follow")
    await alice.put(PRIVACY, {"is_private": True})
    assert (await bob.get("/v1/profiles/alice@meton"))["relation"]["following"] is True


async def test_opening_lets_everybody_in_who_waits(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    await alice.put(PRIVACY, {"is_private": True})
    for person in (bob, charlie):
        await person.put("/v1/profiles/alice@meton/follow")
        assert (await person.get("/v1/profiles/alice@meton"))["relation"]["requested"] is True
    await graph.mute(database, charlie.id, alice.id)
    await alice.put(PRIVACY, {"is_private": False})
    for person in (bob, charlie):
        relation = (await person.get("/v1/profiles/alice@meton"))["relation"]
        assert (relation["following"], relation["requested"]) == (True, False)
    [event] = await told(database, "follow.approved")
    assert event["users"] == [str(bob.id)], "who muted somebody is not told of them"
    assert event["payload"] == {"connect_id": "alice@meton"}
    assert await count(database, FollowRequest) == 0


async def test_making_it_private_lets_nobody_in(alice: Person, bob: Person, database: Clone) -> None:
    await alice.put(PRIVACY, {"is_private": True})
    await bob.put("/v1/profiles/alice@meton/follow")
    await alice.put(PRIVACY, {"is_private": True})
    assert (await bob.get("/v1/profiles/alice@meton"))["relation"]["requested"] is True
    assert await told(database, "follow.approved") == []


@pytest.mark.parametrize("body", [{}, {"is_private": "yes"}, {"is_private": None}, {"is_private": True, "more": 1}])
async def test_what_cannot_be_is_refused(alice: Person, body: dict[str, object]) -> None:
    assert (await alice.call("PUT", PRIVACY, body)).status == 422


async def test_opening_while_fifty_ask_leaves_nobody_waiting(house: House, alice: Person, database: Clone) -> None:
    await alice.put(PRIVACY, {"is_private": True})
    people = iter([await house.person(f"person{number}") for number in range(50)])
    await race(
        lambda: next(people).call("PUT", "/v1/profiles/alice@meton/follow"),
        lambda: alice.call("PUT", PRIVACY, {"is_private": False}),
    )
    assert await count(database, FollowRequest) == 0
    assert await count(database, Follow) == 50


async def test_opening_while_one_who_asked_is_blocked_makes_no_follow(
    alice: Person, bob: Person, database: Clone
) -> None:
    for _ in range(10):
        await alice.put(PRIVACY, {"is_private": True})
        await bob.put("/v1/profiles/alice@meton/follow")
        await race(
            lambda: alice.call("PUT", PRIVACY, {"is_private": False}),
            lambda: alice.call("PUT", "/v1/blocks/bob@meton"),
            times=1,
        )
        async with database.reading() as tx:
            assert await tx.rows(Statement(select(Follow.id))) == []
        assert await count(database, FollowRequest) == 0
        await alice.delete("/v1/blocks/bob@meton")
