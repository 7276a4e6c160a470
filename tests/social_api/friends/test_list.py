"""GET /v1/friend-requests."""

from __future__ import annotations

import pytest

from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.clones import Clone
from tests.support.friends import ask, befriend
from tests.support.records import set_status

REQUESTS = "/v1/friend-requests"


async def test_it_lists_what_is_pending_both_ways_newest_first(alice: Person, bob: Person, charlie: Person) -> None:
    first = await ask(bob, "alice@meton")
    second = await ask(alice, "charlie@meton")
    listed = await alice.get(REQUESTS)
    assert [(item["id"], item["direction"], item["person"]["connect_id"]) for item in listed["items"]] == [
        (second["id"], "outgoing", "charlie@meton"),
        (first["id"], "incoming", "bob@meton"),
    ]
    assert listed["next"] is None


async def test_it_filters_by_direction(alice: Person, bob: Person, charlie: Person) -> None:
    first = await ask(bob, "alice@meton")
    second = await ask(alice, "charlie@meton")
    incoming = await alice.get(f"{REQUESTS}?direction=incoming")
    outgoing = await alice.get(f"{REQUESTS}?direction=outgoing")
    assert [item["id"] for item in incoming["items"]] == [first["id"]]
    assert [item["id"] for item in outgoing["items"]] == [second["id"]]


async def test_accepted_requests_are_the_friends(alice: Person, bob: Person, charlie: Person) -> None:
    await befriend(alice, bob, "bob@meton")
    await befriend(charlie, alice, "alice@meton")
    friends = await alice.get(f"{REQUESTS}?status=accepted")
    assert [item["person"]["connect_id"] for item in friends["items"]] == ["charlie@meton", "bob@meton"]


async def test_requests_of_others_are_not_ones_own(alice: Person, bob: Person, charlie: Person) -> None:
    await ask(bob, "charlie@meton")
    assert (await alice.get(REQUESTS))["items"] == []


async def test_people_who_are_gone_are_left_out(alice: Person, bob: Person, database: Clone) -> None:
    await ask(bob, "alice@meton")
    await set_status(database, bob.id, "suspended")
    assert (await alice.get(REQUESTS))["items"] == []


async def test_people_with_a_block_are_left_out(alice: Person, bob: Person, charlie: Person, database: Clone) -> None:
    await ask(bob, "alice@meton")
    await ask(alice, "charlie@meton")
    await graph.block(database, bob.id, alice.id)
    await graph.block(database, alice.id, charlie.id)
    assert (await alice.get(REQUESTS))["items"] == []


async def test_pages_follow_each_other_while_new_requests_come(house: House, alice: Person) -> None:
    names = [f"guest{number}" for number in range(7)]
    guests = [await house.person(name) for name in names]
    for guest in guests[:6]:
        await ask(guest, "alice@meton")
    seen: list[str] = []
    page = await alice.get(f"{REQUESTS}?limit=2")
    await ask(guests[6], "alice@meton")
    while True:
        seen += [item["person"]["connect_id"] for item in page["items"]]
        if page["next"] is None:
            break
        page = await alice.get(f"{REQUESTS}?limit=2&cursor={page['next']}")
    assert seen == [f"{name}@meton" for name in reversed(names[:6])]


@pytest.mark.parametrize("query", ["status=x", "direction=x", "limit=0", "limit=101", "limit=x", "order=new"])
async def test_what_it_does_not_know_is_refused(alice: Person, query: str) -> None:
    assert (await alice.call("GET", f"{REQUESTS}?{query}")).status == 422


async def test_a_made_up_cursor_is_refused(alice: Person) -> None:
    assert (await alice.call("GET", f"{REQUESTS}?cursor=AAAA")).status == 400


async def test_it_is_for_people_who_are_signed_in(house: House) -> None:
    assert (await house.nobody.call("GET", REQUESTS)).status == 401
