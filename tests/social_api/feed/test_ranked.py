"""GET /v1/feed?sort=ranked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from redis.asyncio import Redis

from social_api.feed.ranking import spread
from social_api.feed.snapshots import Ranked, keep, read
from tests.social_api.conftest import House, Person
from tests.social_api.feed.reading import pages, posted, shown
from tests.support.clones import Clone
from tests.support.records import change_post

RANKED = "/v1/feed?sort=ranked"


async def test_what_got_more_stands_above_what_is_a_little_newer(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    for author in (bob, charlie):
        await alice.put(f"/v1/profiles/{author.connect_id}/follow")
    liked, newer = await posted(bob), await posted(charlie)
    await change_post(database, liked, like_count=20)
    items = (await alice.get(RANKED))["items"]
    assert [(item["post"]["id"], item["reason"]) for item in items] == [(liked, "popular"), (newer, "followed")]


async def test_much_newer_stands_above_what_got_more(alice: Person, database: Clone) -> None:
    liked, newer = await posted(alice), await posted(alice)
    await change_post(database, liked, like_count=20, published_at=datetime.now(UTC) - timedelta(days=3))
    assert await shown(alice, RANKED) == [newer, liked]


async def test_what_is_older_than_a_week_is_not_there(alice: Person, database: Clone) -> None:
    old, new = await posted(alice), await posted(alice)
    await change_post(database, old, published_at=datetime.now(UTC) - timedelta(days=8))
    assert await shown(alice, RANKED) == [new]


async def test_at_most_two_in_a_row_are_by_one_author(alice: Person, bob: Person) -> None:
    await alice.put("/v1/profiles/bob@meton/follow")
    earlier = [await posted(alice) for _ in range(2)]
    for _ in range(5):
        await posted(bob)
    authors = [item["post"]["author"]["connect_id"] for item in (await alice.get(RANKED))["items"]]
    assert authors[:6] == ["bob@meton", "bob@meton", "alice@meton", "bob@meton", "bob@meton", "alice@meton"]
    assert len(authors) == len(earlier) + 5


class Item(NamedTuple):
    author: str
    number: int


def test_spreading_keeps_everything_and_the_order_where_it_can() -> None:
    ranked = [Item(*entry) for entry in zip("aaaabca", range(7), strict=True)]
    assert "".join(item.author for item in spread(ranked)) == "aabaaca"
    assert [item.number for item in spread(ranked) if item.author == "a"] == [0, 1, 2, 3, 6]


async def test_pages_repeat_and_miss_nothing_while_others_rise_and_post(
    alice: Person, bob: Person, database: Clone
) -> None:
    await alice.put("/v1/profiles/bob@meton/follow")
    before = [await posted(author) for _ in range(4) for author in (alice, bob)]
    page = await alice.get(f"{RANKED}&limit=3")
    seen = [item["post"]["id"] for item in page["items"]]
    while page["next"] is not None:
        await asyncio.gather(posted(bob), change_post(database, before[0], like_count=len(seen) * 50))
        page = await alice.get(f"{RANKED}&limit=3&cursor={page['next']}")
        seen += [item["post"]["id"] for item in page["items"]]
    assert seen == before[::-1]


async def test_when_the_order_is_gone_reading_goes_on_where_it_was(alice: Person, bob: Person, valkey: Redis) -> None:
    await alice.put("/v1/profiles/bob@meton/follow")
    before = [await posted(author) for _ in range(4) for author in (alice, bob)]
    page = await alice.get(f"{RANKED}&limit=3")
    seen = [item["post"]["id"] for item in page["items"]]
    while page["next"] is not None:
        async for key in valkey.scan_iter("ranking:*"):
            await valkey.delete(key)
        await posted(bob)
        page = await alice.get(f"{RANKED}&limit=3&cursor={page['next']}")
        seen += [item["post"]["id"] for item in page["items"]]
    assert seen == before[::-1]


async def test_who_is_blocked_muted_or_what_is_deleted_between_two_pages_is_gone(
    house: House, alice: Person, bob: Person, charlie: Person
) -> None:
    dora = await house.person("dora")
    for author in (bob, charlie, dora):
        await alice.put(f"/v1/profiles/{author.connect_id}/follow")
    for author in (bob, charlie, dora, alice):
        await posted(author)
    page = await alice.get(f"{RANKED}&limit=1")
    await bob.delete(f"/v1/posts/{(await shown(bob))[0]}")
    await alice.put("/v1/blocks/charlie@meton")
    await alice.put("/v1/mutes/dora@meton", {})
    rest = await alice.get(f"{RANKED}&limit=10&cursor={page['next']}")
    assert rest == {"items": [], "next": None, "suggestions": []}


async def test_the_cursor_of_one_reader_shows_another_nothing_of_it(alice: Person, bob: Person) -> None:
    own = [await posted(alice) for _ in range(3)]
    page = await alice.get(f"{RANKED}&limit=1")
    borrowed = await bob.call("GET", f"{RANKED}&limit=10&cursor={page['next']}")
    assert not set(own) & {item["post"]["id"] for item in borrowed.body["items"]}


async def test_an_order_is_kept_for_its_reader_alone_and_for_a_while(house: House, valkey: Redis) -> None:
    reader, post = uuid4(), uuid4()
    async with Redis.from_url(house.settings.valkey_url, password=house.settings.valkey_password) as client:
        name = await keep(client, reader, [Ranked(uuid4(), "own"), Ranked(post, "new")])
        assert await read(client, reader, name, 1, 20) == [Ranked(post, "new")]
        assert await read(client, uuid4(), name, 0, 20) == []
    assert 0 < await valkey.ttl(f"ranking:{reader}:{name}") <= 900


async def test_while_valkey_is_away_pages_are_ranked_anew() -> None:
    async with Redis(port=1) as away:
        name = await keep(away, uuid4(), [Ranked(uuid4(), "own")])
        assert await read(away, uuid4(), name, 0, 20) == []


async def test_all_pages_together_are_the_ranking(alice: Person, bob: Person) -> None:
    await alice.put("/v1/profiles/bob@meton/follow")
    for author in (alice, bob, alice, bob, bob):
        await posted(author)
    whole = (await pages(alice, RANKED, 20))[0]
    assert len(whole) == 5
    assert [post for page in await pages(alice, RANKED, 2) for post in page] == whole
