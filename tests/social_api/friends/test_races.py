"""Fifty at once of what may race between two who are, or might become, friends."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from db.engine import Statement
from db.models import AudienceMember, Block, FriendRequest
from tests.social_api.conftest import Person
from tests.support import graph
from tests.support.api import Answer
from tests.support.clones import Clone
from tests.support.friends import ask, befriend
from tests.support.racing import race
from tests.support.records import count, outbox, told

REQUESTS = "/v1/friend-requests"
ORDERS = (1, -1)


def statuses(answers: list[Answer]) -> set[int]:
    return {answer.status for answer in answers}


async def standing(database: Clone) -> list[str]:
    """The status of every request there is: at most one."""
    async with database.reading() as tx:
        return [row["status"] for row in await tx.rows(Statement(select(FriendRequest.status)))]


async def test_accepting_at_once_accepts_once(alice: Person, bob: Person, database: Clone) -> None:
    request = await ask(alice, "bob@meton")
    [answers] = await race(lambda: bob.call("POST", f"{REQUESTS}/{request['id']}/accept"))
    assert statuses(answers) == {200}
    assert await standing(database) == ["accepted"]
    assert len(await outbox(database, "friendship.accepted")) == 1
    assert len(await told(database, "friend.accepted")) == 1


async def test_both_asking_at_once_makes_one_friendship(alice: Person, bob: Person, database: Clone) -> None:
    answers = await race(
        lambda: alice.call("POST", REQUESTS, {"connect_id": "bob@meton"}),
        lambda: bob.call("POST", REQUESTS, {"connect_id": "alice@meton"}),
    )
    assert set.union(*map(statuses, answers)) == {201}
    assert await standing(database) == ["accepted"]
    assert len(await outbox(database, "friendship.accepted")) == 1
    assert len(await told(database, "friend.requested")) == 1
    assert len(await told(database, "friend.accepted")) == 1


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("other", ["withdraw", "reject"])
async def test_accepting_and_ending_a_request_come_to_one_of_the_two(
    alice: Person, bob: Person, database: Clone, order: int, other: str
) -> None:
    request = await ask(alice, "bob@meton")
    path = f"{REQUESTS}/{request['id']}"
    calls = (
        lambda: bob.call("POST", f"{path}/accept"),
        lambda: alice.call("DELETE", path) if other == "withdraw" else bob.call("POST", f"{path}/reject"),
    )
    accepted, ended = (await race(*calls[::order]))[::order]
    [end] = await standing(database)
    assert end in ("accepted", "withdrawn" if other == "withdraw" else "rejected")
    done = 204 if other == "withdraw" else 200
    assert (statuses(accepted), statuses(ended)) == (({200}, {409}) if end == "accepted" else ({409}, {done}))
    assert len(await outbox(database, "friendship.accepted")) == (1 if end == "accepted" else 0)
    assert len(await told(database, "friend.accepted")) == (1 if end == "accepted" else 0)


@pytest.mark.parametrize("order", ORDERS)
async def test_nothing_is_left_of_befriending_after_a_block(
    alice: Person, bob: Person, database: Clone, order: int
) -> None:
    request = await ask(alice, "bob@meton")
    calls = (
        lambda: bob.call("POST", f"{REQUESTS}/{request['id']}/accept"),
        lambda: alice.call("POST", REQUESTS, {"connect_id": "bob@meton"}),
        lambda: alice.call("PUT", "/v1/blocks/bob@meton"),
    )
    accepted, asked, blocked = (await race(*calls[::order]))[::order]
    assert statuses(accepted) <= {200, 404}
    assert statuses(asked) <= {201, 404}
    assert statuses(blocked) == {204}
    assert await standing(database) == []
    assert await count(database, Block) == 1
    assert len(await outbox(database, "friendship.accepted")) == int(200 in statuses(accepted))


@pytest.mark.parametrize("order", ORDERS)
async def test_nobody_is_left_on_the_lists_of_who_is_no_friend(
    alice: Person, bob: Person, database: Clone, order: int
) -> None:
    await befriend(alice, bob, "bob@meton")
    calls = (
        lambda: alice.call("PUT", "/v1/close-friends/bob@meton"),
        lambda: bob.call("DELETE", "/v1/friends/alice@meton"),
    )
    listed, ended = (await race(*calls[::order]))[::order]
    assert statuses(ended) == {204}
    assert statuses(listed) <= {204, 409}
    assert await standing(database) == ["withdrawn"]
    assert await count(database, AudienceMember) == 0


@pytest.mark.parametrize("order", ORDERS)
async def test_ending_a_friendship_and_asking_anew_end_in_one_of_the_two(
    alice: Person, bob: Person, database: Clone, order: int
) -> None:
    await graph.friends(database, alice.id, bob.id)
    calls = (
        lambda: alice.call("DELETE", "/v1/friends/bob@meton"),
        lambda: bob.call("POST", REQUESTS, {"connect_id": "alice@meton"}),
    )
    ended, asked = (await race(*calls[::order]))[::order]
    assert (statuses(ended), statuses(asked)) == ({204}, {201})
    assert await standing(database) in (["withdrawn"], ["pending"], ["accepted"])
    assert await outbox(database, "friendship.accepted") == []
    assert len(await told(database, "friend.requested")) <= 1
