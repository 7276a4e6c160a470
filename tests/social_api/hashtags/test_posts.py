"""GET /v1/hashtags/{hashtag}/posts."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.social_api.conftest import Person
from tests.support import graph
from tests.support.clones import Clone


async def posted(person: Person, caption: str, **post: Any) -> str:
    return str((await person.post("/v1/posts", {"caption": caption} | post))["id"])


async def listed(person: Person, hashtag: str) -> list[str]:
    return [post["id"] for post in (await person.get(f"/v1/hashtags/{quote(hashtag)}/posts"))["items"]]


async def test_posts_are_found_however_the_hashtag_is_written(alice: Person, bob: Person) -> None:
    hills, sea = await posted(alice, "the #Hills"), await posted(alice, "the #sea and #पहाड़")
    assert await listed(bob, "hills") == await listed(bob, "#HILLS") == [hills]
    assert await listed(bob, "पहाड\u093c") == await listed(bob, "पहाड़") == [sea]
    assert await listed(bob, "valley") == []


async def test_only_what_one_may_see_is_there_by_pages(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    posts = [await posted(person, "#sea") for person in (alice, charlie, alice)]
    friendly = await posted(alice, "#sea", visibility="friends")
    assert await listed(bob, "sea") == posts[::-1]
    await graph.friends(database, alice.id, bob.id)
    await graph.block(database, bob.id, charlie.id)
    first = await bob.get("/v1/hashtags/sea/posts?limit=2")
    rest = await bob.get(f"/v1/hashtags/sea/posts?limit=2&cursor={first['next']}")
    assert [post["id"] for post in first["items"] + rest["items"]] == [friendly, posts[2], posts[0]]


@pytest.mark.parametrize("hashtag", ["2024", "a b", "☕", "x" * 101, "a%2Fb"])
async def test_what_cannot_be_a_hashtag_is_in_no_post(alice: Person, hashtag: str) -> None:
    answer = await alice.call("GET", f"/v1/hashtags/{hashtag}/posts")
    assert (answer.status, answer.body) == (200, {"items": [], "next": None})
