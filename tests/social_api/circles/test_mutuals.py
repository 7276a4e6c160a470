"""GET /v1/profiles/{connect_id}/mutuals: followed by people one follows."""

from __future__ import annotations

import itertools

from tests.social_api.circles.test_circles import handles, path
from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.clones import Clone


async def test_they_are_whom_the_viewer_knows_and_who_are_around_the_person(
    house: House, alice: Person, bob: Person, database: Clone
) -> None:
    """Each way of knowing with each way of being around, and each of them alone."""
    knows = ("followed", "asked", "asking", "follower", "unknown")
    around = ("follower", "asked", "asking", "followed", "away")
    expected = []
    for known, is_around in itertools.product(knows, around):
        guest = await house.person(f"{known}-{is_around}")
        if known == "followed":
            await graph.follow(database, alice.id, guest.id)
        elif known == "follower":
            await graph.follow(database, guest.id, alice.id)
        elif known != "unknown":
            await graph.friends(database, *((alice.id, guest.id) if known == "asked" else (guest.id, alice.id)))
        if is_around == "follower":
            await graph.follow(database, guest.id, bob.id)
        elif is_around == "followed":
            await graph.follow(database, bob.id, guest.id)
        elif is_around != "away":
            await graph.friends(database, *((bob.id, guest.id) if is_around == "asked" else (guest.id, bob.id)))
        if known in knows[:3] and is_around in around[:3]:
            expected.append(guest.connect_id)
    assert handles(await alice.get(path(bob, "mutuals"))) == expected[::-1]


async def test_whom_one_both_follows_and_is_friends_with_is_there_once(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    await graph.friends(database, alice.id, charlie.id)
    await graph.follow(database, alice.id, charlie.id)
    await graph.follow(database, charlie.id, bob.id)
    await graph.friends(database, charlie.id, bob.id)
    page = await alice.get(path(bob, "mutuals"))
    assert handles(page) == ["charlie@meton"]
    assert page["items"][0]["relation"] == {
        "following": True,
        "requested": False,
        "followed_by": False,
        "friend": True,
    }


async def test_a_pending_request_is_no_acquaintance(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    await graph.friends(database, alice.id, charlie.id, "pending")
    await graph.follow(database, charlie.id, bob.id)
    assert handles(await alice.get(path(bob, "mutuals"))) == []


async def test_ones_own_are_those_who_know_one_back(alice: Person, bob: Person, charlie: Person) -> None:
    for person in (bob, charlie):
        await alice.put(f"/v1/profiles/{person.connect_id}/follow")
    await bob.put("/v1/profiles/alice@meton/follow")
    assert handles(await alice.get(path(alice, "mutuals"))) == ["bob@meton"]
