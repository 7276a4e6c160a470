"""GET /v1/profiles/{connect_id}/posts and GET /v1/mentions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.social_api.conftest import Person
from tests.support import graph
from tests.support.clones import Clone
from tests.support.records import change_post, set_status


async def posted(person: Person, **post: Any) -> str:
    return str((await person.post("/v1/posts", {"caption": "x"} | post))["id"])


async def listed(person: Person, path: str) -> list[str]:
    return [post["id"] for post in (await person.get(path))["items"]]


async def test_a_persons_posts_are_those_one_may_see_newest_first(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    first, friendly, removed = await posted(alice), await posted(alice, visibility="friends"), await posted(alice)
    await posted(alice, draft=True)
    await change_post(database, removed, removed_at=datetime.now(UTC))
    await graph.friends(database, alice.id, bob.id)
    address = "/v1/profiles/alice@meton/posts"
    assert await listed(alice, address) == await listed(bob, address) == [friendly, first]
    assert await listed(charlie, address) == [first]
    await graph.change(database, alice.id, is_private=True)
    assert await listed(charlie, address) == []
    await graph.block(database, alice.id, charlie.id)
    assert (await charlie.call("GET", address)).status == 404
    await set_status(database, alice.id, "deactivated")
    assert (await bob.call("GET", address)).status == 404


async def test_pages_have_neither_gaps_nor_repetitions(alice: Person, bob: Person, database: Clone) -> None:
    posts = [await posted(alice) for _ in range(5)]
    for post in posts:
        await change_post(database, post, published_at=datetime(2026, 1, 1, tzinfo=UTC))
    seen: list[str] = []
    address = after = "/v1/profiles/alice@meton/posts?limit=2"
    while after:
        page = await bob.get(after)
        seen += [post["id"] for post in page["items"]]
        await posted(alice)  # what comes meanwhile is on no later page
        after = page["next"] and f"{address}&cursor={page['next']}"
    assert seen == posts[::-1]


async def test_mentions_are_of_oneself_and_only_what_one_may_see(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    public, friendly = await posted(alice, caption="@bob"), await posted(alice, caption="@bob", visibility="friends")
    of_charlie = await posted(charlie, caption="@bob")
    await posted(alice, caption="@bob", draft=True)
    await posted(alice, caption="@charlie")
    assert await listed(bob, "/v1/mentions") == [of_charlie, public]
    await graph.friends(database, alice.id, bob.id)
    assert await listed(bob, "/v1/mentions") == [of_charlie, friendly, public]
    first = await bob.get("/v1/mentions?limit=2")
    assert await listed(bob, f"/v1/mentions?limit=2&cursor={first['next']}") == [public]
    await graph.block(database, charlie.id, bob.id)
    assert await listed(bob, "/v1/mentions") == [friendly, public]
