"""GET /v1/profiles/{connect_id}/followers, …/following and …/friends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.clones import Clone
from tests.support.records import set_status

LISTS = ("followers", "following", "friends", "mutuals")
STRANGER = {"following": False, "requested": False, "followed_by": False, "friend": False}


def path(person: Person, which: str) -> str:
    return f"/v1/profiles/{person.connect_id}/{which}"


def handles(page: Any) -> list[str]:
    return [item["person"]["connect_id"] for item in page["items"]]


async def join(database: Clone, which: str, person: Person, other: Person) -> None:
    """Put `other` on that list of `person`; for mutuals somebody else has to know them too."""
    if which == "following":
        await graph.follow(database, person.id, other.id)
    elif which == "friends":
        await graph.friends(database, person.id, other.id)
    else:
        await graph.follow(database, other.id, person.id)


async def test_followers_and_followed_people_are_listed_newest_first(
    house: House, alice: Person, bob: Person, charlie: Person
) -> None:
    dora = await house.person("dora")
    for person in (alice, charlie, dora):
        await person.put("/v1/profiles/bob@meton/follow")
        await bob.put(f"/v1/profiles/{person.connect_id}/follow")
    for which in ("followers", "following"):
        page = await alice.get(path(bob, which))
        assert handles(page) == ["dora@meton", "charlie@meton", "alice@meton"]
        assert page["next"] is None


async def test_friends_are_there_whoever_asked(
    house: House, alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    dora = await house.person("dora")
    await graph.friends(database, bob.id, charlie.id)
    await graph.friends(database, alice.id, bob.id)
    await graph.friends(database, bob.id, dora.id, "pending")
    assert handles(await alice.get(path(bob, "friends"))) == ["alice@meton", "charlie@meton"]


async def test_each_comes_with_how_the_viewer_stands_to_them(
    house: House, alice: Person, bob: Person, database: Clone
) -> None:
    names = ("stranger", "followed", "asked", "follower", "friend", "asker")
    people = {name: await house.person(name) for name in names}
    for person in people.values():
        await graph.follow(database, person.id, bob.id)
    await graph.follow(database, alice.id, bob.id)
    await graph.follow(database, alice.id, people["followed"].id)
    await graph.request_follow(database, alice.id, people["asked"].id)
    await graph.request_follow(database, people["asker"].id, alice.id)
    await graph.follow(database, people["follower"].id, alice.id)
    await graph.friends(database, alice.id, people["friend"].id)
    await graph.friends(database, people["asker"].id, alice.id, "pending")
    page = await alice.get(path(bob, "followers"))
    relations = {item["person"]["connect_id"]: item["relation"] for item in page["items"]}
    assert relations == {
        "stranger@meton": STRANGER,
        "followed@meton": STRANGER | {"following": True},
        "asked@meton": STRANGER | {"requested": True},
        "follower@meton": STRANGER | {"followed_by": True},
        "friend@meton": STRANGER | {"friend": True},
        "asker@meton": STRANGER,
        "alice@meton": None,
    }


@pytest.mark.parametrize("which", LISTS)
async def test_who_is_not_there_for_the_viewer_is_left_out(
    house: House, alice: Person, bob: Person, database: Clone, which: str
) -> None:
    seen, gone, blocked, blocker = [await house.person(name) for name in ("seen", "gone", "blocked", "blocker")]
    for person in (seen, gone, blocked, blocker):
        await join(database, which, bob, person)
        await graph.follow(database, alice.id, person.id)
    await set_status(database, gone.id, "suspended")
    await graph.block(database, alice.id, blocked.id)
    await graph.block(database, blocker.id, alice.id)
    assert handles(await alice.get(path(bob, which))) == ["seen@meton"]
    assert len(handles(await bob.get(path(bob, which)))) == (0 if which == "mutuals" else 3)


@pytest.mark.parametrize("which", LISTS)
async def test_the_circle_of_who_is_not_there_is_not_there(
    alice: Person, bob: Person, charlie: Person, database: Clone, which: str
) -> None:
    await graph.block(database, bob.id, alice.id)
    await set_status(database, charlie.id, "deactivated")
    missing = await alice.call("GET", f"/v1/profiles/nobody@meton/{which}")
    for person in (bob, charlie):
        absent = await alice.call("GET", path(person, which))
        assert absent.status == 404
        assert {**absent.body, "instance": ""} == {**missing.body, "instance": ""}


@pytest.mark.parametrize("which", LISTS)
async def test_a_private_account_shows_its_circle_to_those_it_let_in(
    house: House, alice: Person, bob: Person, database: Clone, which: str
) -> None:
    follower, friend, asking, followed = [
        await house.person(name) for name in ("follower", "friend", "asking", "known")
    ]
    await graph.change(database, bob.id, is_private=True)
    await graph.follow(database, follower.id, bob.id)
    await graph.friends(database, friend.id, bob.id)
    await graph.request_follow(database, asking.id, bob.id)
    await graph.follow(database, bob.id, followed.id)
    for person, status in ((bob, 200), (follower, 200), (friend, 200), (asking, 404), (followed, 404), (alice, 404)):
        assert (await person.call("GET", path(bob, which))).status == status, person.username


@pytest.mark.parametrize("which", LISTS)
async def test_pages_follow_each_other_while_people_come_and_go(
    house: House, alice: Person, bob: Person, database: Clone, which: str
) -> None:
    guests = [await house.person(f"guest{number}") for number in range(8)]
    for guest in guests[:7]:
        await join(database, which, bob, guest)
        await graph.follow(database, alice.id, guest.id)
    page = await alice.get(f"{path(bob, which)}?limit=2")
    await join(database, which, bob, guests[7])
    await graph.follow(database, alice.id, guests[7].id)
    await set_status(database, guests[4].id, "suspended")
    seen = handles(page)
    while page["next"] is not None:
        page = await alice.get(f"{path(bob, which)}?limit=2&cursor={page['next']}")
        seen += handles(page)
    assert seen == [f"guest{number}@meton" for number in (6, 5, 3, 2, 1, 0)]


async def test_handles_are_the_same_in_any_case(alice: Person, bob: Person) -> None:
    await alice.put("/v1/profiles/bob@meton/follow")
    assert handles(await bob.get("/v1/profiles/BOB@Meton/followers")) == ["alice@meton"]
