"""PUT and DELETE /v1/profiles/{connect_id}/follow, DELETE /v1/profiles/{connect_id}/follower."""

from __future__ import annotations

import pytest

from db.models import Follow, FollowRequest
from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.clones import Clone
from tests.support.friends import befriend
from tests.support.records import count, set_status, told

BOB = "/v1/profiles/bob@meton/follow"
GONE = (
    ("PUT", BOB),
    ("DELETE", BOB),
    ("DELETE", "/v1/profiles/bob@meton/follower"),
)


async def test_following_tells_the_followed_once(alice: Person, bob: Person, database: Clone) -> None:
    for _ in range(2):
        answer = await alice.call("PUT", BOB)
        assert (answer.status, answer.body) == (200, {"state": "following"})
    assert await count(database, Follow) == 1
    events = await told(database, "follow.created")
    assert [(event["users"], event["payload"]) for event in events] == [([str(bob.id)], {"connect_id": "alice@meton"})]


async def test_who_muted_the_follower_is_not_told(alice: Person, bob: Person, database: Clone) -> None:
    await bob.put("/v1/mutes/alice@meton", {})
    await alice.put(BOB)
    assert await count(database, Follow) == 1
    assert await told(database, "follow.created") == []


async def test_a_private_account_is_asked_once_even_by_a_friend(alice: Person, bob: Person, database: Clone) -> None:
    await befriend(alice, bob, "bob@meton")
    await graph.change(database, bob.id, is_private=True)
    for _ in range(2):
        answer = await alice.call("PUT", BOB)
        assert (answer.status, answer.body) == (200, {"state": "requested"})
    assert (await count(database, Follow), await count(database, FollowRequest)) == (0, 1)
    [event] = await told(database, "follow.requested")
    assert event["users"] == [str(bob.id)]
    assert event["payload"]["connect_id"] == "alice@meton"
    [request] = (await bob.get("/v1/follow-requests"))["items"]
    assert event["payload"]["follow_request_id"] == request["id"]
    assert await told(database, "follow.created") == []


async def test_who_follows_already_goes_on_when_the_account_becomes_private(
    alice: Person, bob: Person, database: Clone
) -> None:
    await alice.put(BOB)
    await graph.change(database, bob.id, is_private=True)
    assert await alice.put(BOB) == {"state": "following"}
    assert await count(database, FollowRequest) == 0


async def test_a_request_of_a_private_time_is_done_with_when_one_follows(
    alice: Person, bob: Person, database: Clone
) -> None:
    await graph.request_follow(database, alice.id, bob.id)
    assert await alice.put(BOB) == {"state": "following"}
    assert (await count(database, Follow), await count(database, FollowRequest)) == (1, 0)


async def test_unfollowing_takes_back_a_request_too(alice: Person, bob: Person, database: Clone) -> None:
    await graph.change(database, bob.id, is_private=True)
    await alice.put(BOB)
    for _ in range(2):
        assert (await alice.call("DELETE", BOB)).status == 204
    assert await count(database, FollowRequest) == 0
    assert (await bob.get("/v1/follow-requests"))["items"] == []


async def test_a_follower_can_be_removed_and_follow_again(alice: Person, bob: Person, database: Clone) -> None:
    await alice.put(BOB)
    await bob.put("/v1/profiles/alice@meton/follow")
    for _ in range(2):
        assert (await bob.call("DELETE", "/v1/profiles/alice@meton/follower")).status == 204
    assert (await alice.get("/v1/profiles/bob@meton"))["relation"]["following"] is False
    assert (await bob.get("/v1/profiles/alice@meton"))["relation"]["following"] is True
    assert await alice.put(BOB) == {"state": "following"}


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


@pytest.mark.parametrize(("method", "path"), GONE)
async def test_nobody_is_there_who_is_gone_or_has_a_block(
    alice: Person, bob: Person, database: Clone, method: str, path: str
) -> None:
    absent = await alice.call(method, path.replace("bob", "nobody"))
    await set_status(database, bob.id, "suspended")
    suspended = await alice.call(method, path)
    await set_status(database, bob.id, "active")
    await graph.block(database, bob.id, alice.id)
    blocked = await alice.call(method, path)
    assert (absent.status, suspended.status, blocked.status) == (404, 404, 404)
    assert {**absent.body, "instance": ""} == {**blocked.body, "instance": ""}
    assert await count(database, Follow) == 0


@pytest.mark.parametrize(("method", "path"), GONE)
async def test_it_is_for_people_who_are_signed_in(house: House, bob: Person, method: str, path: str) -> None:
    assert (await house.nobody.call(method, path)).status == 401
