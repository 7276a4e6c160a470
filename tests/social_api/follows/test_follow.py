"""PUT and DELETE /v1/profiles/{connect_id}/follow."""

from __future__ import annotations

import asyncio

import pytest

from db.models import Follow
from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.records import count, set_status, told

BOB = "/v1/profiles/bob@meton/follow"


async def test_following_tells_the_followed_once(alice: Person, bob: Person, database: Clone) -> None:
    for _ in range(2):
        assert (await alice.call("PUT", BOB)).status == 204
    assert await count(database, Follow) == 1
    events = await told(database, "follow.created")
    assert [(event["users"], event["payload"]) for event in events] == [([str(bob.id)], {"connect_id": "alice@meton"})]


async def test_unfollowing_can_be_repeated(alice: Person, bob: Person, database: Clone) -> None:
    await alice.put(BOB)
    for _ in range(2):
        assert (await alice.call("DELETE", BOB)).status == 204
    assert await count(database, Follow) == 0


async def test_it_is_one_way(alice: Person, bob: Person, database: Clone) -> None:
    await alice.put(BOB)
    await bob.delete("/v1/profiles/alice@meton/follow")
    assert await count(database, Follow) == 1


async def test_following_oneself_is_refused(alice: Person, database: Clone) -> None:
    answer = await alice.call("PUT", "/v1/profiles/ALICE@meton/follow")
    assert answer.status == 409
    assert answer.body["type"].endswith("/problems/follow-yourself")
    assert await count(database, Follow) == 0


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_nobody_can_be_followed_who_is_not_there(
    alice: Person, bob: Person, database: Clone, method: str
) -> None:
    await set_status(database, bob.id, "suspended")
    assert (await alice.call(method, BOB)).status == 404
    assert (await alice.call(method, "/v1/profiles/nobody@meton/follow")).status == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_it_is_for_people_who_are_signed_in(house: House, bob: Person, method: str) -> None:
    assert (await house.nobody.call(method, BOB)).status == 401


async def test_fifty_at_once_follow_once(alice: Person, bob: Person, database: Clone) -> None:
    answers = await asyncio.gather(*(alice.call("PUT", BOB) for _ in range(50)))
    assert {answer.status for answer in answers} == {204}
    assert await count(database, Follow) == 1
    assert len(await told(database, "follow.created")) == 1


async def test_following_and_unfollowing_at_once_end_in_one_of_the_two(
    alice: Person, bob: Person, database: Clone
) -> None:
    calls = [alice.call("PUT" if turn % 2 else "DELETE", BOB) for turn in range(50)]
    assert {answer.status for answer in await asyncio.gather(*calls)} == {204}
    assert await count(database, Follow) in (0, 1)
