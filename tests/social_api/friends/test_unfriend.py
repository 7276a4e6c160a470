"""DELETE /v1/friends/{connect_id}."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import insert, select

from db.engine import Statement
from db.models import AudienceList, AudienceMember, Follow, FriendRequest
from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.clones import Clone
from tests.support.friends import ask, befriend
from tests.support.records import count, outbox, set_status

BOB = "/v1/friends/bob@meton"


async def enlist(database: Clone, owner: UUID, member: UUID, name: str | None = None) -> None:
    """Put a person on the owner's close-friends list, or on a new list of that name."""
    kind = "closefriends" if name is None else "custom"
    made = insert(AudienceList).values(owner_id=owner, kind=kind, name=name).returning(AudienceList.id)
    async with database.transaction() as tx:
        list_id = await tx.value(Statement(made))
        await tx.execute(Statement(insert(AudienceMember).values(list_id=list_id, member_id=member)))


async def members(database: Clone) -> set[UUID]:
    async with database.reading() as tx:
        return {row["member_id"] for row in await tx.rows(Statement(select(AudienceMember.member_id)))}


async def test_they_are_friends_no_longer_and_may_ask_anew(alice: Person, bob: Person, database: Clone) -> None:
    await befriend(alice, bob, "bob@meton")
    before = len(await outbox(database, "live"))
    for _ in range(2):
        assert (await alice.call("DELETE", BOB)).status == 204
    for person, other in ((alice, bob), (bob, alice)):
        assert (await person.get("/v1/friend-requests?status=accepted"))["items"] == []
        assert (await person.get(f"/v1/profiles/{other.connect_id}"))["relation"]["friend"] is False
    assert len(await outbox(database, "live")) == before
    assert (await ask(bob, "alice@meton"))["status"] == "pending"
    assert (await ask(alice, "bob@meton"))["status"] == "accepted"
    assert len(await outbox(database, "friendship.accepted")) == 2


async def test_either_of_the_two_may(alice: Person, bob: Person) -> None:
    await befriend(alice, bob, "bob@meton")
    await bob.delete("/v1/friends/alice@meton")
    assert (await alice.get("/v1/friend-requests?status=accepted"))["items"] == []


async def test_each_leaves_the_lists_of_the_other_and_of_nobody_else(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    await befriend(alice, bob, "bob@meton")
    await befriend(alice, charlie, "charlie@meton")
    await enlist(database, alice.id, bob.id)
    await enlist(database, alice.id, bob.id, "family")
    await enlist(database, bob.id, alice.id, "office")
    await enlist(database, alice.id, charlie.id, "old friends")
    await alice.delete(BOB)
    assert await members(database) == {charlie.id}


async def test_following_stays(alice: Person, bob: Person, database: Clone) -> None:
    await befriend(alice, bob, "bob@meton")
    await graph.follow(database, alice.id, bob.id)
    await alice.delete(BOB)
    assert await count(database, Follow) == 1


@pytest.mark.parametrize("status", ["pending", "rejected"])
async def test_a_request_is_no_friendship_to_end(alice: Person, bob: Person, database: Clone, status: str) -> None:
    await graph.friends(database, bob.id, alice.id, status)
    await alice.delete(BOB)
    async with database.reading() as tx:
        assert await tx.value(Statement(select(FriendRequest.status))) == status


async def test_who_is_gone_or_has_a_block_is_not_there(alice: Person, bob: Person, database: Clone) -> None:
    await graph.friends(database, bob.id, alice.id)
    await set_status(database, bob.id, "suspended")
    assert (await alice.call("DELETE", BOB)).status == 404
    await set_status(database, bob.id, "active")
    await graph.block(database, bob.id, alice.id)
    assert (await alice.call("DELETE", BOB)).status == 404
    assert (await alice.call("DELETE", "/v1/friends/nobody@meton")).status == 404
    async with database.reading() as tx:
        assert await tx.value(Statement(select(FriendRequest.status))) == "accepted"


async def test_it_is_for_people_who_are_signed_in(house: House) -> None:
    assert (await house.nobody.call("DELETE", BOB)).status == 401
