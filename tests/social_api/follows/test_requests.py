"""GET /v1/follow-requests, POST /v1/follow-requests/{id}/approve and …/reject."""

from __future__ import annotations

from uuid import uuid4

import pytest

from db.models import Follow, FollowRequest
from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.clones import Clone
from tests.support.records import count, set_status, told

REQUESTS = "/v1/follow-requests"
ALICE = "/v1/profiles/alice@meton/follow"
VERBS = ("approve", "reject")


@pytest.fixture
async def private_alice(alice: Person, database: Clone) -> Person:
    await graph.change(database, alice.id, is_private=True)
    return alice


async def ask(follower: Person, followed: Person) -> str:
    """`follower` asks to follow `followed`; the id of the request."""
    assert await follower.put(ALICE) == {"state": "requested"}
    return str((await followed.get(f"{REQUESTS}?limit=1"))["items"][0]["id"])


async def test_it_lists_who_asks_newest_first(private_alice: Person, house: House, database: Clone) -> None:
    guests = [await house.person(f"guest{number}") for number in range(5)]
    for guest in guests[:4]:
        await guest.put(ALICE)
    page = await private_alice.get(f"{REQUESTS}?limit=2")
    await guests[4].put(ALICE)
    seen = page["items"]
    while page["next"]:
        page = await private_alice.get(f"{REQUESTS}?limit=2&cursor={page['next']}")
        seen += page["items"]
    assert [item["person"]["connect_id"] for item in seen] == [f"guest{number}@meton" for number in (3, 2, 1, 0)]
    assert set(seen[0]) == {"id", "person", "created_at"}
    assert (await guests[0].get(REQUESTS))["items"] == []


async def test_people_who_are_gone_or_have_a_block_are_left_out(
    private_alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    for person in (bob, charlie):
        await ask(person, private_alice)
    await set_status(database, bob.id, "deactivated")
    await graph.block(database, charlie.id, private_alice.id)
    assert (await private_alice.get(REQUESTS))["items"] == []


async def test_who_is_approved_follows_and_is_told(private_alice: Person, bob: Person, database: Clone) -> None:
    request = await ask(bob, private_alice)
    answer = await private_alice.call("POST", f"{REQUESTS}/{request}/approve")
    assert (answer.status, answer.body) == (204, b"")
    assert (await count(database, Follow), await count(database, FollowRequest)) == (1, 0)
    events = await told(database, "follow.approved")
    assert [(event["users"], event["payload"]) for event in events] == [([str(bob.id)], {"connect_id": "alice@meton"})]
    assert await bob.put(ALICE) == {"state": "following"}


async def test_who_is_rejected_is_not_told_and_may_ask_again(
    private_alice: Person, bob: Person, database: Clone
) -> None:
    request = await ask(bob, private_alice)
    assert (await private_alice.call("POST", f"{REQUESTS}/{request}/reject")).status == 204
    assert (await count(database, Follow), await count(database, FollowRequest)) == (0, 0)
    assert await told(database, "follow.approved") == []
    assert await ask(bob, private_alice) != request


@pytest.mark.parametrize("verb", VERBS)
async def test_the_same_key_gives_the_same_answer(
    private_alice: Person, bob: Person, database: Clone, verb: str
) -> None:
    request = await ask(bob, private_alice)
    key = {"Idempotency-Key": "once"}
    for _ in range(2):
        assert (await private_alice.call("POST", f"{REQUESTS}/{request}/{verb}", headers=key)).status == 204
    assert (await private_alice.call("POST", f"{REQUESTS}/{request}/{verb}")).status == 404
    assert len(await told(database, "follow.approved")) == (1 if verb == "approve" else 0)


@pytest.mark.parametrize("verb", VERBS)
async def test_only_who_was_asked_may_and_only_while_they_see_who_asks(
    private_alice: Person, bob: Person, charlie: Person, database: Clone, verb: str
) -> None:
    request = await ask(bob, private_alice)
    for person in (bob, charlie):
        assert (await person.call("POST", f"{REQUESTS}/{request}/{verb}")).status == 404
    assert (await private_alice.call("POST", f"{REQUESTS}/{uuid4()}/{verb}")).status == 404
    await set_status(database, bob.id, "suspended")
    assert (await private_alice.call("POST", f"{REQUESTS}/{request}/{verb}")).status == 404
    await set_status(database, bob.id, "active")
    await graph.block(database, bob.id, private_alice.id)
    assert (await private_alice.call("POST", f"{REQUESTS}/{request}/{verb}")).status == 404
    assert (await count(database, Follow), await count(database, FollowRequest)) == (0, 1)
