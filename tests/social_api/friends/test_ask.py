"""POST /v1/friend-requests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert

from db.engine import Statement
from db.models import FriendRequest
from social_api.friends.friendship import COOL_DOWN, Step, next_step
from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.api import Answer
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


FROM_FRIENDS_OF_FRIENDS = {"friend_requests_from": "friends_of_friends"}


def refused(answer: Answer) -> bool:
    return answer.status == 403 and answer.body["type"].endswith("/problems/friend-request-refused")


async def test_who_wants_nobody_to_ask_is_not_asked(alice: Person, bob: Person, database: Clone) -> None:
    await graph.change(database, bob.id, settings={"friend_requests_from": "nobody"})
    assert refused(await alice.call("POST", REQUESTS, {"connect_id": "bob@meton"}))
    assert await count(database, FriendRequest) == 0
    assert await told(database, "friend.requested") == []
    await ask(bob, "alice@meton")
    assert (await ask(alice, "bob@meton"))["status"] == "accepted"
    assert (await ask(alice, "bob@meton"))["status"] == "accepted"


@pytest.mark.parametrize("wish", [{}, {"friend_requests_from": "everyone"}, {"discoverable": False}])
async def test_who_wishes_nothing_else_may_be_asked_by_everyone(
    alice: Person, bob: Person, database: Clone, wish: dict[str, Any]
) -> None:
    await graph.change(database, bob.id, settings=wish)
    assert (await ask(alice, "bob@meton"))["status"] == "pending"


async def test_friends_of_friends_may_ask_who_takes_requests_from_them(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    await graph.change(database, bob.id, settings=FROM_FRIENDS_OF_FRIENDS)
    await graph.friends(database, alice.id, charlie.id)
    for status in ("pending", "rejected", "withdrawn"):
        await graph.friends(database, charlie.id, bob.id, status)
        assert refused(await alice.call("POST", REQUESTS, {"connect_id": "bob@meton"})), status
        await forget_between(database, charlie.id, bob.id)
    await graph.friends(database, bob.id, charlie.id)
    await set_status(database, charlie.id, "deactivated")
    assert refused(await alice.call("POST", REQUESTS, {"connect_id": "bob@meton"}))
    await set_status(database, charlie.id, "active")
    assert (await ask(alice, "bob@meton"))["status"] == "pending"


async def test_a_setting_holds_for_asking_again_too(alice: Person, bob: Person, database: Clone) -> None:
    request = await ask(alice, "bob@meton")
    await alice.delete(f"{REQUESTS}/{request['id']}")
    await graph.change(database, bob.id, settings=FROM_FRIENDS_OF_FRIENDS)
    assert refused(await alice.call("POST", REQUESTS, {"connect_id": "bob@meton"}))


async def test_who_muted_them_is_asked_but_not_told(alice: Person, bob: Person, database: Clone) -> None:
    await bob.put("/v1/mutes/alice@meton", {})
    assert (await ask(alice, "bob@meton"))["status"] == "pending"
    assert await told(database, "friend.requested") == []


async def test_who_has_a_block_with_one_is_not_there(alice: Person, bob: Person, database: Clone) -> None:
    await graph.block(database, bob.id, alice.id)
    blocked = await alice.call("POST", REQUESTS, {"connect_id": "bob@meton"})
    absent = await alice.call("POST", REQUESTS, {"connect_id": "nobody@meton"})
    assert (blocked.status, {**blocked.body, "instance": ""}) == (404, {**absent.body, "instance": ""})
    assert (await bob.call("POST", REQUESTS, {"connect_id": "alice@meton"})).status == 404


async def forget_between(database: Clone, requester: UUID, receiver: UUID) -> None:
    between = (FriendRequest.requester_id == requester) & (FriendRequest.receiver_id == receiver)
    async with database.transaction() as tx:
        await tx.execute(Statement(delete(FriendRequest).where(between)))
