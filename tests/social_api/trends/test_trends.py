"""GET /v1/hashtags/trending; how they are counted is in tests/event_worker/test_trends.py."""

from __future__ import annotations

from sqlalchemy import insert

from db.engine import Statement
from db.models import TrendingHashtag
from tests.social_api.conftest import House, Person
from tests.support.clones import Clone

TRENDS = (("rain", 9, 12, 7.5), ("चाय", 5, 5, 4.0), ("hills", 4, 9, 4.0), ("old", 3, 3, 0.2))


async def count(database: Clone) -> None:
    """What event_worker does."""
    async with database.transaction() as tx:
        for hashtag, authors, posts, score in TRENDS:
            row = {"hashtag": hashtag, "authors": authors, "posts": posts, "score": score}
            await tx.execute(Statement(insert(TrendingHashtag).values(row)))


async def test_what_most_people_write_about_comes_first(alice: Person, database: Clone) -> None:
    assert await alice.get("/v1/hashtags/trending") == {"items": [], "next": None}
    await count(database)
    items = (await alice.get("/v1/hashtags/trending"))["items"]
    assert items[0] == {"hashtag": "rain", "authors": 9, "posts": 12}
    assert [item["hashtag"] for item in items] == ["rain", "hills", "चाय", "old"]


async def test_pages_go_on_after_equal_scores(alice: Person, database: Clone) -> None:
    await count(database)
    seen, address = [], "/v1/hashtags/trending?limit=1"
    while True:
        page = await alice.get(address)
        seen += [item["hashtag"] for item in page["items"]]
        if page["next"] is None:
            break
        address = f"/v1/hashtags/trending?limit=1&cursor={page['next']}"
    assert seen == ["rain", "hills", "चाय", "old"]


async def test_it_is_for_people_who_are_signed_in(house: House) -> None:
    assert (await house.nobody.call("GET", "/v1/hashtags/trending")).status == 401
