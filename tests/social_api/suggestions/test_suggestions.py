"""GET /v1/suggestions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.clones import Clone
from tests.support.records import set_status

SUGGESTIONS = "/v1/suggestions"


async def suggested(person: Person) -> dict[str, dict[str, Any]]:
    """The reasons by handle, in order; of the people in them, the handles."""
    page = await person.get(f"{SUGGESTIONS}?limit=100")
    return {
        item["person"]["connect_id"]: item["reason"]
        | {"people": [each["connect_id"] for each in item["reason"]["people"]]}
        for item in page["items"]
    }


async def guests(house: House, *names: str) -> list[Person]:
    return [await house.person(name) for name in names]


async def test_friends_of_friends_come_first_those_with_most_mutual_friends_before_others(
    house: House, alice: Person, database: Clone
) -> None:
    f1, f2, f3, f4 = await guests(house, "friend1", "friend2", "friend3", "friend4")
    near, nearer, liked, far = await guests(house, "near", "nearer", "liked", "far")
    for friend in (f1, f2, f3, f4):
        await graph.friends(database, alice.id, friend.id)
        await graph.friends(database, nearer.id, friend.id)
    await graph.friends(database, f2.id, near.id)
    await graph.follow(database, f1.id, near.id)
    await graph.follow(database, far.id, liked.id)
    await graph.follow(database, f3.id, liked.id)
    await graph.follow(database, liked.id, far.id)
    assert await suggested(alice) == {
        "nearer@meton": {
            "kind": "mutual_friends",
            "count": 4,
            "people": ["friend1@meton", "friend2@meton", "friend3@meton"],
        },
        "near@meton": {"kind": "mutual_friends", "count": 1, "people": ["friend2@meton"]},
        "liked@meton": {"kind": "followed_by_friends", "count": 1, "people": ["friend3@meton"]},
        "far@meton": {"kind": "popular", "count": 1, "people": []},
    }
    assert list(await suggested(alice)) == ["nearer@meton", "near@meton", "liked@meton", "far@meton"]


async def test_whom_followed_people_follow_counts_each_of_them_once(
    house: House, alice: Person, database: Clone
) -> None:
    both, star, liked = await guests(house, "both", "star", "liked")
    await graph.friends(database, both.id, alice.id)
    for person in (both, star):
        await graph.follow(database, alice.id, person.id)
        await graph.follow(database, person.id, liked.id)
    reason = (await suggested(alice))["liked@meton"]
    assert reason == {"kind": "followed_by_friends", "count": 2, "people": ["both@meton", "star@meton"]}


async def test_to_whom_nobody_is_known_the_popular_are_suggested(
    house: House, alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    dora = await house.person("dora")
    for follower, followed in ((dora, charlie), (bob, charlie), (charlie, bob)):
        await graph.follow(database, follower.id, followed.id)
    assert await suggested(alice) == {
        "charlie@meton": {"kind": "popular", "count": 2, "people": []},
        "bob@meton": {"kind": "popular", "count": 1, "people": []},
    }


async def test_with_nobody_around_there_is_nobody_to_suggest(alice: Person, bob: Person) -> None:
    assert await alice.get(SUGGESTIONS) == {"items": [], "next": None}


async def test_with_whom_one_has_something_already_is_not_suggested(
    house: House, alice: Person, bob: Person, database: Clone
) -> None:
    """Everybody here is a friend of bob's, who is a friend of alice's."""
    names = ("followed", "requested", "friend", "asked", "asker", "refused", "refuser", "muted")
    known = dict(zip(names, await guests(house, *names), strict=True))
    free = await guests(house, "follower", "waiting", "withdrew", "once-muted", "new")
    follower, waiting, withdrew, once_muted, _ = free
    await graph.friends(database, alice.id, bob.id)
    for person in (*known.values(), *free):
        await graph.friends(database, person.id, bob.id)
    await graph.follow(database, alice.id, known["followed"].id)
    await graph.request_follow(database, alice.id, known["requested"].id)
    await graph.friends(database, known["friend"].id, alice.id)
    await graph.friends(database, alice.id, known["asked"].id, "pending")
    await graph.friends(database, known["asker"].id, alice.id, "pending")
    await graph.friends(database, known["refused"].id, alice.id, "rejected")
    await graph.friends(database, alice.id, known["refuser"].id, "rejected")
    await graph.mute(database, alice.id, known["muted"].id)
    await graph.follow(database, follower.id, alice.id)
    await graph.request_follow(database, waiting.id, alice.id)
    await graph.friends(database, withdrew.id, alice.id, "withdrawn")
    await graph.mute(database, alice.id, once_muted.id, expires_at=datetime.now(UTC) - timedelta(minutes=1))
    assert set(await suggested(alice)) == {person.connect_id for person in free}


@pytest.mark.parametrize("way", ["friend", "followed", "popular"])
async def test_who_is_not_there_or_does_not_wish_to_be_found_is_not_suggested(
    house: House, alice: Person, bob: Person, database: Clone, way: str
) -> None:
    gone, blocked, blocker, hidden, found = await guests(house, "gone", "blocked", "blocker", "hidden", "found")
    await graph.friends(database, alice.id, bob.id)
    stranger = await house.person("stranger")
    await graph.change(database, stranger.id, settings={"discoverable": False})
    for person in (gone, blocked, blocker, hidden, found):
        if way == "friend":
            await graph.friends(database, bob.id, person.id)
        else:
            await graph.follow(database, (bob if way == "followed" else stranger).id, person.id)
    await set_status(database, gone.id, "deactivated")
    await graph.block(database, alice.id, blocked.id)
    await graph.block(database, blocker.id, alice.id)
    await graph.change(database, hidden.id, settings={"discoverable": False})
    await graph.change(database, found.id, settings={"discoverable": True, "other": 1})
    assert list(await suggested(alice)) == ["found@meton"]


async def test_who_is_not_there_is_neither_named_nor_counted(house: House, alice: Person, database: Clone) -> None:
    gone, blocked, blocker, friend, other = await guests(house, "gone", "blocked", "blocker", "friend", "other")
    for person in (gone, blocked, blocker, friend):
        await graph.friends(database, alice.id, person.id)
        await graph.friends(database, person.id, other.id)
    await set_status(database, gone.id, "suspended")
    await graph.block(database, alice.id, blocked.id)
    await graph.block(database, blocker.id, alice.id)
    assert await suggested(alice) == {"other@meton": {"kind": "mutual_friends", "count": 1, "people": ["friend@meton"]}}


async def test_only_those_are_named_whose_lists_the_viewer_may_open(
    house: House, alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    """Bob is private and lets alice in, charlie does not: that they are friends she may see with bob alone."""
    dora = await house.person("dora")
    for person in (bob, charlie):
        await graph.change(database, person.id, is_private=True)
    await graph.friends(database, alice.id, bob.id)
    await graph.friends(database, bob.id, charlie.id)
    await graph.friends(database, charlie.id, dora.id)
    assert await suggested(alice) == {"charlie@meton": {"kind": "mutual_friends", "count": 1, "people": ["bob@meton"]}}
    listed = await alice.get("/v1/profiles/bob@meton/friends")
    assert [each["person"]["connect_id"] for each in listed["items"]] == ["charlie@meton", "alice@meton"]
    assert (await alice.call("GET", "/v1/profiles/charlie@meton/friends")).status == 404


async def test_pages_follow_each_other(house: House, alice: Person, bob: Person, database: Clone) -> None:
    await graph.friends(database, alice.id, bob.id)
    people = await guests(house, *(f"guest{number}" for number in range(5)))
    for person in people[:3]:
        await graph.friends(database, bob.id, person.id)
    for person in people[3:]:
        await graph.follow(database, bob.id, person.id)
    page = await alice.get(f"{SUGGESTIONS}?limit=2")
    seen = page["items"]
    while page["next"] is not None:
        page = await alice.get(f"{SUGGESTIONS}?limit=2&cursor={page['next']}")
        seen += page["items"]
    assert [item["person"]["connect_id"] for item in seen] == [person.connect_id for person in people]
    assert seen == (await alice.get(SUGGESTIONS))["items"]
