"""POST /v1/friend-requests/{id}/accept and …/reject, DELETE /v1/friend-requests/{id}."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from db.engine import Statement
from db.models import FriendRequest, Outbox
from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.api import Answer
from tests.support.clones import Clone
from tests.support.friends import ask
from tests.support.records import outbox, set_status, told

VERBS = ("accept", "reject", "withdraw")


async def settle(person: Person, request_id: str, verb: str) -> Answer:
    if verb == "withdraw":
        return await person.call("DELETE", f"/v1/friend-requests/{request_id}")
    return await person.call("POST", f"/v1/friend-requests/{request_id}/{verb}")


async def status(database: Clone) -> str:
    async with database.reading() as tx:
        return str(await tx.value(Statement(select(FriendRequest.status))))


async def test_the_receiver_accepts(alice: Person, bob: Person, database: Clone) -> None:
    request = await ask(alice, "bob@meton")
    answer = await settle(bob, request["id"], "accept")
    assert (answer.status, answer.body["status"], answer.body["direction"]) == (200, "accepted", "incoming")
    low, high = sorted((alice.id, bob.id))
    assert await outbox(database, "friendship.accepted") == [{"user_a": str(low), "user_b": str(high)}]
    events = await told(database, "friend.accepted")
    assert [(event["users"], event["payload"]["connect_id"]) for event in events] == [([str(alice.id)], "bob@meton")]


async def test_what_makes_the_room_of_two_people_is_done_in_order(alice: Person, bob: Person, database: Clone) -> None:
    request = await ask(alice, "bob@meton")
    await settle(bob, request["id"], "accept")
    low, high = sorted((alice.id, bob.id))
    async with database.reading() as tx:
        row = await tx.row(
            Statement(select(Outbox.destination, Outbox.key).where(Outbox.topic == "friendship.accepted"))
        )
    assert row is not None
    assert (row["destination"], row["key"]) == ("appservice", f"{low}:{high}")


async def test_the_receiver_rejects_and_nobody_is_told(alice: Person, bob: Person, database: Clone) -> None:
    request = await ask(alice, "bob@meton")
    answer = await settle(bob, request["id"], "reject")
    assert (answer.status, answer.body["status"]) == (200, "rejected")
    assert await outbox(database, "friendship.accepted") == []
    assert await told(database, "friend.accepted") == []


async def test_the_requester_withdraws(alice: Person, bob: Person, database: Clone) -> None:
    request = await ask(alice, "bob@meton")
    assert (await settle(alice, request["id"], "withdraw")).status == 204
    assert await status(database) == "withdrawn"


@pytest.mark.parametrize("verb", VERBS)
async def test_settling_twice_in_the_same_way_changes_nothing(
    alice: Person, bob: Person, database: Clone, verb: str
) -> None:
    request = await ask(alice, "bob@meton")
    person = alice if verb == "withdraw" else bob
    first = await settle(person, request["id"], verb)
    again = await settle(person, request["id"], verb)
    assert (again.status, again.body) == (first.status, first.body)
    assert len(await outbox(database, "friendship.accepted")) == (1 if verb == "accept" else 0)


@pytest.mark.parametrize("first", VERBS)
@pytest.mark.parametrize("second", VERBS)
async def test_what_is_settled_stays_settled(
    alice: Person, bob: Person, database: Clone, first: str, second: str
) -> None:
    if first == second:
        return
    request = await ask(alice, "bob@meton")
    await settle(alice if first == "withdraw" else bob, request["id"], first)
    settled = await status(database)
    answer = await settle(alice if second == "withdraw" else bob, request["id"], second)
    assert answer.status == 409
    assert answer.body["type"].endswith("/problems/friend-request-settled")
    assert await status(database) == settled


@pytest.mark.parametrize("verb", VERBS)
async def test_the_other_of_the_two_may_not(alice: Person, bob: Person, database: Clone, verb: str) -> None:
    request = await ask(alice, "bob@meton")
    answer = await settle(bob if verb == "withdraw" else alice, request["id"], verb)
    assert answer.status == 403
    assert await status(database) == "pending"


@pytest.mark.parametrize("verb", VERBS)
async def test_for_a_third_it_is_not_there(
    alice: Person, bob: Person, charlie: Person, database: Clone, verb: str
) -> None:
    request = await ask(alice, "bob@meton")
    assert (await settle(charlie, request["id"], verb)).status == 404
    assert await status(database) == "pending"


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("request_id", ["0192d1f3-0000-7000-8000-000000000000", "7", "not-an-id"])
async def test_what_does_not_exist_is_not_found(alice: Person, verb: str, request_id: str) -> None:
    assert (await settle(alice, request_id, verb)).status == 404


@pytest.mark.parametrize("verb", VERBS)
async def test_it_is_for_people_who_are_signed_in(house: House, verb: str) -> None:
    method, end = ("DELETE", "") if verb == "withdraw" else ("POST", f"/{verb}")
    assert (await house.nobody.call(method, f"/v1/friend-requests/{uuid4()}{end}")).status == 401


async def test_the_request_of_someone_who_is_gone_cannot_be_accepted(
    alice: Person, bob: Person, database: Clone
) -> None:
    request = await ask(alice, "bob@meton")
    await set_status(database, alice.id, "suspended")
    assert (await settle(bob, request["id"], "accept")).status == 404
    assert await status(database) == "pending"


@pytest.mark.parametrize("verb", VERBS)
async def test_between_people_with_a_block_there_is_no_request(
    alice: Person, bob: Person, database: Clone, verb: str
) -> None:
    request = await ask(alice, "bob@meton")
    await graph.block(database, alice.id, bob.id)
    assert (await settle(alice if verb == "withdraw" else bob, request["id"], verb)).status == 404
    assert await status(database) == "pending"


async def test_who_muted_them_is_not_told_that_they_accepted(alice: Person, bob: Person, database: Clone) -> None:
    request = await ask(alice, "bob@meton")
    await alice.put("/v1/mutes/bob@meton", {})
    assert (await settle(bob, request["id"], "accept")).status == 200
    assert await told(database, "friend.accepted") == []
    assert len(await outbox(database, "friendship.accepted")) == 1
