"""Fifty at once of what may race between a follower and the followed."""

from __future__ import annotations

import pytest

from db.models import Block, Follow, FollowRequest
from tests.social_api.conftest import Person
from tests.support import graph
from tests.support.api import Answer
from tests.support.clones import Clone
from tests.support.racing import race
from tests.support.records import count, told

BOB = "/v1/profiles/bob@meton/follow"
ORDERS = (1, -1)


def statuses(answers: list[Answer]) -> set[int]:
    return {answer.status for answer in answers}


async def test_following_at_once_follows_once(alice: Person, bob: Person, database: Clone) -> None:
    [answers] = await race(lambda: alice.call("PUT", BOB))
    assert {(answer.status, answer.body["state"]) for answer in answers} == {(200, "following")}
    assert await count(database, Follow) == 1
    assert len(await told(database, "follow.created")) == 1


async def test_asking_at_once_asks_once(alice: Person, bob: Person, database: Clone) -> None:
    await graph.change(database, bob.id, is_private=True)
    [answers] = await race(lambda: alice.call("PUT", BOB))
    assert {(answer.status, answer.body["state"]) for answer in answers} == {(200, "requested")}
    assert await count(database, FollowRequest) == 1
    assert len(await told(database, "follow.requested")) == 1


@pytest.mark.parametrize("order", ORDERS)
async def test_following_and_unfollowing_end_in_one_of_the_two(
    alice: Person, bob: Person, database: Clone, order: int
) -> None:
    calls = (lambda: alice.call("PUT", BOB), lambda: alice.call("DELETE", BOB))
    answers = await race(*calls[::order])
    assert set.union(*map(statuses, answers)) == {200, 204}
    assert await count(database, Follow) in (0, 1)
    following = (await alice.get("/v1/profiles/bob@meton"))["relation"]["following"]
    assert following is (await count(database, Follow) == 1)


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("order", ORDERS)
async def test_nothing_is_left_of_following_after_a_block(
    alice: Person, bob: Person, database: Clone, order: int, private: bool
) -> None:
    await graph.change(database, bob.id, is_private=private)
    calls = (lambda: alice.call("PUT", BOB), lambda: bob.call("PUT", "/v1/blocks/alice@meton"))
    followed, blocked = (await race(*calls[::order]))[::order]
    assert statuses(followed) <= {200, 404}
    assert statuses(blocked) == {204}
    assert [await count(database, table) for table in (Block, Follow, FollowRequest)] == [1, 0, 0]
    assert len(await told(database, "follow.requested" if private else "follow.created")) <= 1


@pytest.mark.parametrize("order", ORDERS)
async def test_approving_and_taking_back_end_in_one_of_the_two(
    alice: Person, bob: Person, database: Clone, order: int
) -> None:
    await graph.change(database, bob.id, is_private=True)
    await alice.put(BOB)
    [request] = (await bob.get("/v1/follow-requests"))["items"]
    calls = (
        lambda: bob.call("POST", f"/v1/follow-requests/{request['id']}/approve"),
        lambda: alice.call("DELETE", BOB),
    )
    approved, taken_back = (await race(*calls[::order]))[::order]
    assert statuses(taken_back) == {204}
    assert statuses(approved) <= {204, 404}
    times_approved = sum(answer.status == 204 for answer in approved)
    assert times_approved <= 1
    assert len(await told(database, "follow.approved")) == times_approved
    # unfollowing comes last, whichever was first
    assert [await count(database, table) for table in (Follow, FollowRequest)] == [0, 0]


@pytest.mark.parametrize("order", ORDERS)
async def test_approving_and_rejecting_end_in_one_of_the_two(
    alice: Person, bob: Person, database: Clone, order: int
) -> None:
    await graph.change(database, bob.id, is_private=True)
    await alice.put(BOB)
    [request] = (await bob.get("/v1/follow-requests"))["items"]
    calls = [
        lambda verb=verb: bob.call("POST", f"/v1/follow-requests/{request['id']}/{verb}")
        for verb in ("approve", "reject")
    ]
    approved, rejected = (await race(*calls[::order]))[::order]
    times = [sum(answer.status == 204 for answer in answers) for answers in (approved, rejected)]
    assert sorted(times) == [0, 1]
    assert await count(database, Follow) == times[0]
    assert len(await told(database, "follow.approved")) == times[0]
    assert await count(database, FollowRequest) == 0
