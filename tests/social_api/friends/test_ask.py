"""POST /v1/friend-requests."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from db.engine import Statement
from db.models import FriendRequest
from social_api.friends.friendship import COOL_DOWN, Step, next_step
from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.friends import ask, befriend
from tests.support.records import count, outbox, set_status, told

REQUESTS = "/v1/friend-requests"


async def test_asking_makes_a_pending_request_and_tells_the_other(alice: Person, bob: Person, database: Clone) -> None:
    answer = await alice.call("POST", REQUESTS, {"connect_id": "Bob@meton"})
    assert answer.status == 201
    assert answer.body["status"] == "pending"
    assert answer.body["direction"] == "outgoing"
    assert answer.body["person"]["connect_id"] == "bob@meton"
    events = await told(database, "friend.requested")
    assert [event["users"] for event in events] == [[str(bob.id)]]
    assert events[0]["payload"] == {"friend_request_id": answer.body["id"], "connect_id": "alice@meton"}


async def test_asking_twice_is_asking_once(alice: Person, bob: Person, database: Clone) -> None:
    assert await ask(alice, "bob@meton") == await ask(alice, "bob@meton")
    assert len(await told(database, "friend.requested")) == 1


async def test_asking_someone_who_asked_accepts(alice: Person, bob: Person, database: Clone) -> None:
    request = await ask(bob, "alice@meton")
    answer = await ask(alice, "bob@meton")
    assert (answer["id"], answer["status"], answer["direction"]) == (request["id"], "accepted", "incoming")
    low, high = sorted((alice.id, bob.id))
    assert await outbox(database, "friendship.accepted") == [{"user_a": str(low), "user_b": str(high)}]
    assert [event["users"] for event in await told(database, "friend.accepted")] == [[str(bob.id)]]


async def test_asking_a_friend_changes_nothing(alice: Person, bob: Person, database: Clone) -> None:
    await befriend(alice, bob, "bob@meton")
    assert (await ask(alice, "bob@meton"))["status"] == "accepted"
    assert (await ask(bob, "alice@meton"))["status"] == "accepted"
    assert len(await outbox(database, "friendship.accepted")) == 1


async def test_after_a_withdrawal_both_may_ask_anew(alice: Person, bob: Person) -> None:
    first = await ask(alice, "bob@meton")
    await alice.delete(f"{REQUESTS}/{first['id']}")
    second = await ask(alice, "bob@meton")
    assert (second["status"], second["direction"]) == ("pending", "outgoing")
    assert second["id"] != first["id"]
    await alice.delete(f"{REQUESTS}/{second['id']}")
    third = await ask(bob, "alice@meton")
    assert (third["status"], third["direction"]) == ("pending", "outgoing")


async def test_who_was_rejected_waits_and_who_rejected_need_not(alice: Person, bob: Person, database: Clone) -> None:
    request = await ask(alice, "bob@meton")
    await bob.post(f"{REQUESTS}/{request['id']}/reject")
    too_soon = await alice.call("POST", REQUESTS, {"connect_id": "bob@meton"})
    assert too_soon.status == 409
    assert too_soon.body["type"].endswith("/problems/asked-too-soon")
    assert (await ask(bob, "alice@meton"))["status"] == "pending"


async def test_who_was_rejected_may_ask_again_later(alice: Person, bob: Person, database: Clone) -> None:
    long_ago = datetime.now(UTC) - COOL_DOWN - timedelta(minutes=1)
    rejected = {"requester_id": alice.id, "receiver_id": bob.id, "status": "rejected", "updated_at": long_ago}
    async with database.transaction() as tx:
        await tx.execute(Statement(insert(FriendRequest).values(rejected)))
    assert (await ask(alice, "bob@meton"))["status"] == "pending"


@pytest.mark.parametrize(
    ("status", "asked_by_actor", "age", "step"),
    [
        ("pending", True, timedelta(0), Step.KEEP),
        ("pending", False, timedelta(0), Step.ACCEPT),
        ("accepted", True, timedelta(0), Step.KEEP),
        ("accepted", False, timedelta(0), Step.KEEP),
        ("rejected", True, COOL_DOWN - timedelta(seconds=1), Step.REFUSE),
        ("rejected", True, COOL_DOWN, Step.ASK_AGAIN),
        ("rejected", False, timedelta(0), Step.ASK_AGAIN),
        ("withdrawn", True, timedelta(0), Step.ASK_AGAIN),
        ("withdrawn", False, timedelta(0), Step.ASK_AGAIN),
    ],
)
def test_what_asking_means_follows_from_the_last_request(
    status: Any, asked_by_actor: bool, age: timedelta, step: Step
) -> None:
    assert next_step(status, asked_by_actor=asked_by_actor, age=age) is step


async def test_one_cannot_befriend_oneself(alice: Person, database: Clone) -> None:
    answer = await alice.call("POST", REQUESTS, {"connect_id": "alice@meton"})
    assert answer.status == 409
    assert answer.body["type"].endswith("/problems/befriend-yourself")
    assert await count(database, FriendRequest) == 0


async def test_nobody_can_be_asked_who_is_not_there(alice: Person, bob: Person, database: Clone) -> None:
    await set_status(database, bob.id, "suspended")
    for handle in ("bob@meton", "nobody@meton"):
        assert (await alice.call("POST", REQUESTS, {"connect_id": handle})).status == 404


@pytest.mark.parametrize(
    "body", [{}, {"connect_id": ""}, {"connect_id": 7}, {"connect_id": "x" * 256}, {"id": "x"}, []]
)
async def test_what_is_not_a_request_is_refused(alice: Person, body: object) -> None:
    assert (await alice.call("POST", REQUESTS, body)).status == 422


async def test_it_is_for_people_who_are_signed_in(house: House, bob: Person) -> None:
    assert (await house.nobody.call("POST", REQUESTS, {"connect_id": "bob@meton"})).status == 401


async def test_the_same_key_gives_the_same_answer(alice: Person, bob: Person, database: Clone) -> None:
    key = {"Idempotency-Key": "once"}
    first = await alice.call("POST", REQUESTS, {"connect_id": "bob@meton"}, key)
    await alice.delete(f"{REQUESTS}/{first.body['id']}")
    again = await alice.call("POST", REQUESTS, {"connect_id": "bob@meton"}, key)
    assert (again.status, again.body) == (201, first.body)
    assert len(await told(database, "friend.requested")) == 1


async def test_fifty_times_both_asking_at_once_makes_one_friendship(
    alice: Person, bob: Person, database: Clone
) -> None:
    both = [(alice, "bob@meton"), (bob, "alice@meton")] * 25
    answers = await asyncio.gather(*(person.call("POST", REQUESTS, {"connect_id": to}) for person, to in both))
    assert {answer.status for answer in answers} == {201}
    async with database.reading() as tx:
        assert [row["status"] for row in await tx.rows(Statement(select(FriendRequest.status)))] == ["accepted"]
    assert len(await outbox(database, "friendship.accepted")) == 1
    assert len(await told(database, "friend.requested")) == 1
    assert len(await told(database, "friend.accepted")) == 1
