"""PUT /v1/me/privacy."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import delete, insert

from db.engine import Statement
from db.models import Follow, FollowRequest
from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.openings import let_in_all, undone
from tests.support.racing import race
from tests.support.records import count, told
from tests.support.waiting import eventually

PRIVACY = "/v1/me/privacy"
WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE datname = current_database() AND locktype = 'transactionid' AND NOT granted
"""


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
    await alice.put(PRIVACY, {"is_private": False})
    await let_in_all(database)
    for person in (bob, charlie):
        relation = (await person.get("/v1/profiles/alice@meton"))["relation"]
        assert (relation["following"], relation["requested"]) == (True, False)
    [event] = await told(database, "follow.approved")
    assert set(event["users"]) == {str(bob.id), str(charlie.id)}
    assert event["payload"] == {"connect_id": "alice@meton"}


async def test_who_waits_for_an_open_account_and_asks_again_follows_at_once(
    alice: Person, bob: Person, database: Clone
) -> None:
    await alice.put(PRIVACY, {"is_private": True})
    await bob.put("/v1/profiles/alice@meton/follow")
    await alice.put(PRIVACY, {"is_private": False})
    assert await bob.put("/v1/profiles/alice@meton/follow") == {"state": "following"}
    assert await count(database, FollowRequest) == 0
    await let_in_all(database)
    assert await count(database, Follow) == 1
    assert (len(await told(database, "follow.created")), await told(database, "follow.approved")) == (1, [])


async def test_making_it_private_lets_nobody_in(alice: Person, bob: Person, database: Clone) -> None:
    await alice.put(PRIVACY, {"is_private": True})
    await bob.put("/v1/profiles/alice@meton/follow")
    await alice.put(PRIVACY, {"is_private": True})
    assert (await bob.get("/v1/profiles/alice@meton"))["relation"]["requested"] is True
    assert await undone(database) == []


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
    await let_in_all(database)
    assert await count(database, FollowRequest) == 0
    assert await count(database, Follow) == 50


@pytest.mark.parametrize(
    ("method", "path", "left"),
    [
        ("PUT", "/v1/blocks/alice@meton", 0),
        ("DELETE", "/v1/profiles/alice@meton/follow", 0),
        ("PUT", "/v1/profiles/alice@meton/follow", 1),
    ],
)
async def test_what_one_does_while_one_is_let_in_comes_after_it(
    alice: Person, bob: Person, database: Clone, *, method: str, path: str, left: int
) -> None:
    await alice.put(PRIVACY, {"is_private": True})
    await bob.put("/v1/profiles/alice@meton/follow")
    await alice.put(PRIVACY, {"is_private": False})

    async def waiting() -> bool:
        async with database.reading() as tx:
            return bool(await tx.connection.fetchval(WAITING))

    async with database.transaction() as tx:  # as the worker's, which is about to commit
        await tx.execute(Statement(delete(FollowRequest)))
        change = asyncio.create_task(bob.call(method, path))
        await eventually(waiting)
        await tx.execute(Statement(insert(Follow).values(follower_id=bob.id, followed_id=alice.id)))
    assert (await change).status in (200, 204)
    assert [await count(database, table) for table in (Follow, FollowRequest)] == [left, 0]
    assert await told(database, "follow.created") == []
