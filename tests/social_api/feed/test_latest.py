"""GET /v1/feed?sort=latest."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from redis.asyncio import Redis

from social_api.auth import Actor
from social_api.feed import handlers
from social_api.feed.fragments import Fragments
from social_api.feed.schemas import FeedOrder
from social_api.media.links import LinkSigner
from social_api.pages import Cursors, Page
from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.friends import befriend
from tests.support.records import change_post, set_status, upload


async def posted(person: Person, **post: Any) -> str:
    return str((await person.post("/v1/posts", {"caption": "x"} | post))["id"])


async def shown(person: Person) -> list[tuple[str, str]]:
    return [(item["post"]["id"], item["reason"]) for item in (await person.get("/v1/feed"))["items"]]


async def test_own_followed_and_friends_posts_are_there_newest_first_with_the_reason(
    house: House, alice: Person, bob: Person, charlie: Person
) -> None:
    dora = await house.person("dora")
    await alice.put("/v1/profiles/bob@meton/follow")
    await befriend(charlie, alice, "alice@meton")
    first, second, third = await posted(alice), await posted(bob), await posted(charlie)
    await posted(dora)
    assert await shown(alice) == [(third, "friend"), (second, "followed"), (first, "own")]


async def test_a_friend_whom_one_follows_is_there_once_as_a_friend(alice: Person, bob: Person) -> None:
    await alice.put("/v1/profiles/bob@meton/follow")
    await befriend(alice, bob, "bob@meton")
    post = await posted(bob)
    assert await shown(alice) == [(post, "friend")]


async def test_an_item_is_the_whole_post(alice: Person, bob: Person, database: Clone) -> None:
    await alice.put("/v1/profiles/bob@meton/follow")
    media_id = await upload(database, bob.id, "video")
    post = await bob.post("/v1/posts", {"type": "video", "media": [str(media_id)], "caption": "hills"})
    item = (await alice.get("/v1/feed?sort=latest"))["items"][0]
    assert item["post"] == await alice.get(f"/v1/posts/{post['id']}")
    assert item["post"]["media"][0]["links"]["playlist"] is not None


async def test_followers_do_not_get_what_is_for_friends(alice: Person, bob: Person) -> None:
    await alice.put("/v1/profiles/bob@meton/follow")
    await posted(bob, visibility="friends")
    assert await shown(alice) == []
    await befriend(alice, bob, "bob@meton")
    assert len(await shown(alice)) == 1


async def test_what_is_not_out_or_no_longer_out_is_not_there(alice: Person, bob: Person, database: Clone) -> None:
    await alice.put("/v1/profiles/bob@meton/follow")
    waiting = await upload(database, bob.id, "video", "processing")
    await bob.post("/v1/posts", {"type": "video", "media": [str(waiting)]})
    removed = await posted(bob)
    await change_post(database, removed, removed_at=datetime.now(UTC))
    assert await shown(alice) == []
    assert await shown(bob) == []


async def test_a_post_takes_its_place_by_when_it_appeared(alice: Person, database: Clone) -> None:
    media_id = await upload(database, alice.id, "video", "processing")
    late = await alice.post("/v1/posts", {"type": "video", "media": [str(media_id)]})
    early = await posted(alice)
    await change_post(database, late["id"], published_at=datetime.now(UTC))
    assert [post for post, _ in await shown(alice)] == [late["id"], early]


async def test_posts_of_people_who_are_gone_are_gone(alice: Person, bob: Person, database: Clone) -> None:
    await alice.put("/v1/profiles/bob@meton/follow")
    post = await posted(bob)
    await set_status(database, bob.id, "suspended")
    assert await shown(alice) == []
    await set_status(database, bob.id, "active")
    assert await shown(alice) == [(post, "followed")]


async def test_posts_of_the_same_moment_are_neither_lost_nor_doubled(alice: Person, database: Clone) -> None:
    posts = [await posted(alice) for _ in range(7)]
    moment = datetime.now(UTC)
    for post in posts:
        await change_post(database, post, published_at=moment)
    seen: list[str] = []
    address = "/v1/feed?limit=2"
    while True:
        page = await alice.get(address)
        seen += [item["post"]["id"] for item in page["items"]]
        if page["next"] is None:
            break
        address = f"/v1/feed?limit=2&cursor={page['next']}"
    assert seen == sorted(posts, reverse=True)


async def test_a_reader_who_pages_while_others_post_at_once_misses_nothing(alice: Person, bob: Person) -> None:
    await alice.put("/v1/profiles/bob@meton/follow")
    before = [await posted(bob) for _ in range(12)]
    page = await alice.get("/v1/feed?limit=4")
    seen = [item["post"]["id"] for item in page["items"]]
    while page["next"] is not None:
        page, *_ = await asyncio.gather(
            alice.get(f"/v1/feed?limit=4&cursor={page['next']}"), *(posted(bob) for _ in range(5))
        )
        seen += [item["post"]["id"] for item in page["items"]]
    assert seen == before[::-1]


async def test_at_most_three_statements_whatever_there_is_to_show(
    house: House, alice: Person, database: Clone, valkey: Redis
) -> None:
    for number in range(5):
        author = await house.person(f"author{number}")
        await alice.put(f"/v1/profiles/{author.connect_id}/follow")
        media = [str(await upload(database, author.id)) for _ in range(3)]
        await author.post("/v1/posts", {"type": "photo", "media": media})
    actor = Actor(alice.id, "", alice.connect_id, frozenset(), None, "en")
    page = Page(20, None, Cursors("key", "feed"))
    links = LinkSigner("http://meton.test", b"key")
    for order in (FeedOrder("latest"), FeedOrder("ranked")):
        async with (await database.as_role("social_api")).reading() as tx:
            feed = await handlers.home(actor, tx, order, page, valkey=valkey, link_signer=links, fragments=Fragments())
            assert len(feed.items) == 5
            assert tx.statements <= 3


@pytest.mark.parametrize("query", ["sort=best", "sort=", "limit=0", "limit=101", "since=1"])
async def test_what_it_does_not_know_is_refused(alice: Person, query: str) -> None:
    assert (await alice.call("GET", f"/v1/feed?{query}")).status == 422


@pytest.mark.parametrize("cursor", ["AAAA", "%00", "é", "x" * 500])
async def test_a_made_up_cursor_is_refused(alice: Person, cursor: str) -> None:
    assert (await alice.call("GET", f"/v1/feed?cursor={cursor}")).status == 400


async def test_the_cursor_of_another_list_is_refused(house: House, alice: Person) -> None:
    for name in ("bob", "charlie"):
        await (await house.person(name)).post("/v1/friend-requests", {"connect_id": "alice@meton"})
    other = (await alice.get("/v1/friend-requests?limit=1"))["next"]
    assert (await alice.call("GET", f"/v1/feed?cursor={other}")).status == 400


async def test_it_is_for_people_who_are_signed_in(house: House) -> None:
    assert (await house.nobody.call("GET", "/v1/feed")).status == 401
