"""Who is on a list: /v1/lists/{list_id}/members, and /v1/close-friends, which is the same for a list without a name."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from db.engine import Statement
from db.models import AudienceList, AudienceMember
from social_api.audiences.membership import MOST_MEMBERS
from tests.social_api.audiences.test_lists import make, problem
from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.api import Answer
from tests.support.clones import Clone
from tests.support.racing import race
from tests.support.records import change_post, count, set_status

KINDS = ("list", "close friends")


async def members_of(person: Person, kind: str) -> str:
    """The path of the members of a list of that kind, which is there then."""
    if kind == "close friends":
        return "/v1/close-friends"
    return f"/v1/lists/{(await make(person, 'family'))['id']}/members"


def handles(page: Any) -> list[str]:
    return [item["connect_id"] for item in page["items"]]


async def grow(database: Clone, owner: Person, list_size: int) -> None:
    """Put so many friends on each list of `owner`."""
    async with database.transaction() as tx:
        await tx.connection.execute(
            "INSERT INTO users (subject, connect_id, display_name)"
            " SELECT 'friend' || n, 'friend' || n || '@meton', 'Friend' FROM generate_series(1, $1) n",
            list_size,
        )
        await tx.connection.execute(
            "INSERT INTO friend_requests (requester_id, receiver_id, status)"
            " SELECT id, $1, 'accepted' FROM users WHERE subject LIKE 'friend%'",
            owner.id,
        )
        await tx.connection.execute(
            "INSERT INTO audience_members (list_id, member_id)"
            " SELECT audience_lists.id, users.id FROM audience_lists, users WHERE subject LIKE 'friend%'"
        )


@pytest.mark.parametrize("kind", KINDS)
async def test_friends_are_put_on_it_and_taken_off_again(
    alice: Person, bob: Person, charlie: Person, database: Clone, kind: str
) -> None:
    path = await members_of(alice, kind)
    assert await alice.get(path) == {"items": [], "next": None}
    await graph.friends(database, alice.id, bob.id)
    await graph.friends(database, charlie.id, alice.id)
    for handle in ("bob@meton", "Charlie@meton", "bob@meton"):
        assert (await alice.call("PUT", f"{path}/{handle}")).status == 204
    assert handles(await alice.get(path)) == ["charlie@meton", "bob@meton"]
    for _ in range(2):
        assert (await alice.call("DELETE", f"{path}/bob@meton")).status == 204
    assert handles(await alice.get(path)) == ["charlie@meton"]
    assert await count(database, AudienceList) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", ["", "pending", "rejected", "withdrawn"])
async def test_only_friends_can_be_on_it(alice: Person, bob: Person, database: Clone, kind: str, status: str) -> None:
    path = await members_of(alice, kind)
    if status:
        await graph.friends(database, alice.id, bob.id, status)
    await graph.follow(database, alice.id, bob.id)
    await graph.follow(database, bob.id, alice.id)
    for handle in ("bob@meton", "alice@meton"):
        refused = await alice.call("PUT", f"{path}/{handle}")
        assert (refused.status, problem(refused.body)) == (409, "not-a-friend")
    assert await count(database, AudienceMember) == 0


@pytest.mark.parametrize("kind", KINDS)
async def test_who_is_not_there_can_be_neither_added_nor_seen_nor_removed(
    house: House, alice: Person, bob: Person, database: Clone, kind: str
) -> None:
    path = await members_of(alice, kind)
    charlie, dora = await house.person("charlie"), await house.person("dora")
    for person in (bob, charlie, dora):
        await graph.friends(database, alice.id, person.id)
        await alice.put(f"{path}/{person.connect_id}")
    await set_status(database, bob.id, "deactivated")
    await graph.block(database, charlie.id, alice.id)
    assert handles(await alice.get(path)) == ["dora@meton"]
    for handle in ("bob@meton", "charlie@meton", "nobody@meton"):
        for method in ("PUT", "DELETE"):
            assert (await alice.call(method, f"{path}/{handle}")).status == 404


@pytest.mark.parametrize("kind", KINDS)
async def test_pages_follow_each_other_while_friends_come(
    house: House, alice: Person, database: Clone, kind: str
) -> None:
    path = await members_of(alice, kind)
    guests = [await house.person(f"guest{number}") for number in range(4)]
    for guest in guests:
        await graph.friends(database, guest.id, alice.id)
    for guest in guests[:3]:
        await alice.put(f"{path}/{guest.connect_id}")
    first = await alice.get(f"{path}?limit=2")
    await alice.put(f"{path}/guest3@meton")
    rest = await alice.get(f"{path}?limit=2&cursor={first['next']}")
    assert handles(first) + handles(rest) == ["guest2@meton", "guest1@meton", "guest0@meton"]
    assert rest["next"] is None


@pytest.mark.parametrize("kind", KINDS)
async def test_fifty_at_once_with_one_place_left_add_one_friend(
    house: House, alice: Person, bob: Person, database: Clone, kind: str
) -> None:
    path = await members_of(alice, kind)
    await graph.friends(database, alice.id, bob.id)
    if kind == "close friends":
        await alice.put(f"{path}/bob@meton")
        await alice.delete(f"{path}/bob@meton")
    await grow(database, alice, MOST_MEMBERS - 1)
    dora = await house.person("dora")
    await graph.friends(database, alice.id, dora.id)
    bobs, doras = await race(
        lambda: alice.call("PUT", f"{path}/bob@meton"), lambda: alice.call("PUT", f"{path}/dora@meton"), times=25
    )
    outcomes = [{answer.status for answer in answers} for answers in (bobs, doras)]
    assert outcomes in ([{204}, {409}], [{409}, {204}])
    refused = next(answer.body for answer in (*bobs, *doras) if answer.status == 409)
    assert (problem(refused), refused["limit"]) == ("list-full", MOST_MEMBERS)
    assert await count(database, AudienceMember) == MOST_MEMBERS


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("first", ["add", "unfriend"])
async def test_fifty_times_adding_and_unfriending_at_once_never_leaves_a_stranger_on_it(
    alice: Person, bob: Person, database: Clone, kind: str, first: str
) -> None:
    path = await members_of(alice, kind)
    await graph.friends(database, alice.id, bob.id)

    async def add() -> Answer:
        return await alice.call("PUT", f"{path}/bob@meton")

    async def unfriend() -> Answer:
        return await bob.call("DELETE", "/v1/friends/alice@meton")

    answers = await race(*((add, unfriend) if first == "add" else (unfriend, add)))
    assert {answer.status for answer in answers[first == "add"]} == {204}
    assert {answer.status for answer in answers[first == "unfriend"]} <= {204, 409}
    assert await count(database, AudienceMember) == 0


async def test_fifty_first_close_friends_at_once_make_one_list(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    for person in (bob, charlie):
        await graph.friends(database, alice.id, person.id)
    answers = await race(
        lambda: alice.call("PUT", "/v1/close-friends/bob@meton"),
        lambda: alice.call("PUT", "/v1/close-friends/charlie@meton"),
        times=25,
    )
    assert {answer.status for each in answers for answer in each} == {204}
    async with database.reading() as tx:
        kinds = await tx.rows(Statement(select(AudienceList.kind, func.count()).group_by(AudienceList.kind)))
    assert [tuple(row) for row in kinds] == [("closefriends", 1)]
    assert await count(database, AudienceMember) == 2


async def test_close_friends_see_what_is_for_close_friends(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    for person in (bob, charlie):
        await graph.friends(database, alice.id, person.id)
    await alice.put("/v1/close-friends/bob@meton")
    post = await alice.post("/v1/posts", {"caption": "for few"})
    await change_post(database, post["id"], visibility="closefriends")
    path = f"/v1/posts/{post['id']}"
    assert [(await person.call("GET", path)).status for person in (alice, bob, charlie)] == [200, 200, 404]
    await alice.delete("/v1/close-friends/bob@meton")
    assert (await bob.call("GET", path)).status == 404
