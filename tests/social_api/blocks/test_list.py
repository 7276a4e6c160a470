"""GET /v1/blocks."""

from __future__ import annotations

from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.clones import Clone
from tests.support.records import set_status

BLOCKS = "/v1/blocks"


def names(page: dict[str, list[dict[str, dict[str, str]]]]) -> list[str]:
    return [item["person"]["connect_id"] for item in page["items"]]


async def test_it_lists_whom_one_has_blocked_newest_first(alice: Person, house: House) -> None:
    for number in range(4):
        guest = await house.person(f"guest{number}")
        await alice.put(f"{BLOCKS}/{guest.connect_id}")
    first = await alice.get(f"{BLOCKS}?limit=3")
    assert names(first) == ["guest3@meton", "guest2@meton", "guest1@meton"]
    assert set(first["items"][0]) == {"person", "created_at"}
    await alice.delete(f"{BLOCKS}/guest2@meton")
    second = await alice.get(f"{BLOCKS}?limit=3&cursor={first['next']}")
    assert (names(second), second["next"]) == (["guest0@meton"], None)


async def test_it_is_ones_own(alice: Person, bob: Person, charlie: Person) -> None:
    await alice.put(f"{BLOCKS}/bob@meton")
    for person in (bob, charlie):
        assert names(await person.get(BLOCKS)) == []


async def test_people_who_are_gone_are_left_out_until_they_return(alice: Person, bob: Person, database: Clone) -> None:
    await graph.block(database, alice.id, bob.id)
    await set_status(database, bob.id, "deactivated")
    assert names(await alice.get(BLOCKS)) == []
    await set_status(database, bob.id, "active")
    assert names(await alice.get(BLOCKS)) == ["bob@meton"]


async def test_it_is_for_people_who_are_signed_in(house: House) -> None:
    assert (await house.nobody.call("GET", BLOCKS)).status == 401
