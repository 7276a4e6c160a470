"""What a feed with nothing in it says: whom one may know, and why."""

from __future__ import annotations

import pytest

from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.clones import Clone

sorts = pytest.mark.parametrize("sort", ["latest", "ranked"])


@pytest.fixture
async def near(house: House, alice: Person, bob: Person, charlie: Person, database: Clone) -> list[Person]:
    """Friends of Bob, whose friend Alice is: Charlie and six more."""
    people = [charlie, *[await house.person(f"guest{number}") for number in range(6)]]
    await graph.friends(database, alice.id, bob.id)
    for person in people:
        await graph.friends(database, bob.id, person.id)
    return people


@sorts
async def test_an_empty_feed_suggests_the_first_few_with_the_reason(
    alice: Person, bob: Person, near: list[Person], sort: str
) -> None:
    page = await alice.get(f"/v1/feed?sort={sort}")
    assert (page["items"], page["next"]) == ([], None)
    assert [item["person"]["connect_id"] for item in page["suggestions"]] == [each.connect_id for each in near[:5]]
    for item in page["suggestions"]:
        assert (item["reason"]["kind"], item["reason"]["count"]) == ("mutual_friends", 1)
        assert [each["connect_id"] for each in item["reason"]["people"]] == [bob.connect_id]
    assert page["suggestions"] == (await alice.get("/v1/suggestions?limit=5"))["items"]


@sorts
async def test_a_feed_with_something_in_it_suggests_nobody_on_any_page(
    alice: Person, bob: Person, near: list[Person], sort: str
) -> None:
    for author in (alice, bob):
        await author.post("/v1/posts", {"caption": "x"})
    first = await alice.get(f"/v1/feed?sort={sort}&limit=1")
    for post in [item["post"] for item in (await alice.get("/v1/feed"))["items"]]:
        await (alice if post["viewer"]["author"] else bob).delete(f"/v1/posts/{post['id']}")
    rest = await alice.get(f"/v1/feed?sort={sort}&cursor={first['next']}")
    assert (len(first["items"]), first["suggestions"]) == (1, [])
    assert (rest["items"], rest["suggestions"]) == ([], [])
    assert len((await alice.get(f"/v1/feed?sort={sort}"))["suggestions"]) == 5
