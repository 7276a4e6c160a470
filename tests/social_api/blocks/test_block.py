"""PUT and DELETE /v1/blocks/{connect_id}."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from db.engine import Statement
from db.models import AudienceList, AudienceMember, Block, Follow, FollowRequest, FriendRequest
from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.clones import Clone
from tests.support.friends import ask
from tests.support.racing import race
from tests.support.records import count, outbox, set_status

BOB, ALICE = "/v1/blocks/bob@meton", "/v1/blocks/alice@meton"
BETWEEN_TWO = (Follow, FollowRequest, FriendRequest, AudienceMember)


async def relate(database: Clone, one: Person, other: Person) -> None:
    """All that there can be between two people, either way."""
    await graph.friends(database, one.id, other.id)
    for first, second in ((one, other), (other, one)):
        await graph.follow(database, first.id, second.id)
        await graph.request_follow(database, first.id, second.id)
        made = insert(AudienceList).values(owner_id=first.id, kind="custom", name=second.username)
        async with database.transaction() as tx:
            list_id = await tx.value(Statement(made.returning(AudienceList.id)))
            await tx.execute(Statement(insert(AudienceMember).values(list_id=list_id, member_id=second.id)))


async def test_neither_is_there_for_the_other(alice: Person, bob: Person, charlie: Person, database: Clone) -> None:
    for _ in range(2):
        answer = await alice.call("PUT", BOB)
        assert (answer.status, answer.body) == (204, b"")
    assert await count(database, Block) == 1
    for person, other in ((alice, bob), (bob, alice)):
        assert (await person.call("GET", f"/v1/profiles/{other.connect_id}")).status == 404
        assert (await charlie.call("GET", f"/v1/profiles/{other.connect_id}")).status == 200


async def test_it_ends_all_between_the_two_and_nothing_else(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    await relate(database, alice, bob)
    await relate(database, charlie, bob)
    await relate(database, alice, charlie)
    before = [await count(database, table) for table in BETWEEN_TWO]
    await alice.put(BOB)
    assert before == [6, 6, 3, 6]
    assert [await count(database, table) for table in BETWEEN_TWO] == [4, 4, 2, 4]
    assert await outbox(database, "live") == []


async def test_unblocking_restores_nothing_and_lets_all_begin_anew(alice: Person, bob: Person, database: Clone) -> None:
    await relate(database, alice, bob)
    await alice.put(BOB)
    for _ in range(2):
        assert (await alice.call("DELETE", BOB)).status == 204
    assert [await count(database, table) for table in (Block, *BETWEEN_TWO)] == [0, 0, 0, 0, 0]
    assert (await ask(bob, "alice@meton"))["status"] == "pending"


async def test_a_pending_request_ends_and_who_was_rejected_still_waits(
    alice: Person, bob: Person, charlie: Person
) -> None:
    await ask(bob, "alice@meton")
    request = await ask(alice, "charlie@meton")
    await charlie.post(f"/v1/friend-requests/{request['id']}/reject")
    for name in ("bob", "charlie"):
        await alice.put(f"/v1/blocks/{name}@meton")
        await alice.delete(f"/v1/blocks/{name}@meton")
    assert (await alice.get("/v1/friend-requests"))["items"] == []
    assert (await alice.call("POST", "/v1/friend-requests", {"connect_id": "charlie@meton"})).status == 409


async def test_who_is_blocked_cannot_find_out_by_blocking(alice: Person, bob: Person, database: Clone) -> None:
    await alice.put(BOB)
    for method in ("PUT", "DELETE"):
        blocked = await bob.call(method, ALICE)
        absent = await bob.call(method, "/v1/blocks/nobody@meton")
        assert (blocked.status, {**blocked.body, "instance": ""}) == (404, {**absent.body, "instance": ""})
    assert await count(database, Block) == 1


async def test_of_two_who_blocked_each_other_each_may_end_their_own(
    alice: Person, bob: Person, database: Clone
) -> None:
    await graph.block(database, alice.id, bob.id)
    await graph.block(database, bob.id, alice.id)
    for person, other in ((alice, BOB), (bob, ALICE)):
        assert [item["person"]["connect_id"] for item in (await person.get("/v1/blocks"))["items"]] == [
            other.rpartition("/")[2]
        ]
        assert (await person.call("PUT", other)).status == 204
    assert (await alice.call("DELETE", BOB)).status == 204
    async with database.reading() as tx:
        assert [row["blocker_id"] for row in await tx.rows(Statement(select(Block.blocker_id)))] == [bob.id]


async def test_blocking_oneself_is_refused(alice: Person, database: Clone) -> None:
    answer = await alice.call("PUT", "/v1/blocks/ALICE@meton")
    assert answer.status == 409
    assert answer.body["type"].endswith("/problems/block-yourself")
    assert await count(database, Block) == 0


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_who_is_gone_is_not_there(alice: Person, bob: Person, database: Clone, method: str) -> None:
    await set_status(database, bob.id, "deactivated")
    assert (await alice.call(method, BOB)).status == 404
    assert (await alice.call(method, "/v1/blocks/nobody@meton")).status == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_it_is_for_people_who_are_signed_in(house: House, method: str) -> None:
    assert (await house.nobody.call(method, BOB)).status == 401


async def test_blocking_at_once_blocks_once(alice: Person, bob: Person, database: Clone) -> None:
    await relate(database, alice, bob)
    [answers] = await race(lambda: alice.call("PUT", BOB))
    assert {answer.status for answer in answers} == {204}
    assert [await count(database, table) for table in (Block, *BETWEEN_TWO)] == [1, 0, 0, 0, 0]


async def test_both_blocking_at_once_leaves_a_block_and_nothing_else(
    alice: Person, bob: Person, database: Clone
) -> None:
    await relate(database, alice, bob)
    answers = await race(lambda: alice.call("PUT", BOB), lambda: bob.call("PUT", ALICE))
    assert {answer.status for both in answers for answer in both} <= {204, 404}
    assert await count(database, Block) in (1, 2)
    assert [await count(database, table) for table in BETWEEN_TWO] == [0, 0, 0, 0]


async def test_blocking_and_unblocking_at_once_ends_in_one_of_the_two(
    alice: Person, bob: Person, database: Clone
) -> None:
    answers = await race(lambda: alice.call("PUT", BOB), lambda: alice.call("DELETE", BOB))
    assert {answer.status for both in answers for answer in both} == {204}
    assert await count(database, Block) in (0, 1)
    assert [await count(database, table) for table in BETWEEN_TWO] == [0, 0, 0, 0]
