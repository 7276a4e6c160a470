"""GET /v1/explore."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Uuid, bindparam, func, insert, literal, select

from db.engine import Statement
from db.models import Post
from social_api.explore.queries import MOST_OF_EACH, NEWEST
from tests.social_api.conftest import House, Person
from tests.social_api.feed.reading import pages, posted, shown
from tests.support.clones import Clone
from tests.support.friends import befriend
from tests.support.records import change_post, set_status

EXPLORE = "/v1/explore"
FLOOD = Statement(
    insert(Post).from_select(
        ["user_id", "caption", "published_at"],
        select(bindparam("author", type_=Uuid()), literal("x"), func.now()).select_from(
            func.generate_series(1, bindparam("many"))
        ),
    )
)


async def test_it_shows_public_posts_of_people_one_neither_follows_nor_is_friends_with(
    house: House, alice: Person, bob: Person, charlie: Person
) -> None:
    dora = await house.person("dora")
    await alice.put("/v1/profiles/bob@meton/follow")
    await befriend(charlie, alice, "alice@meton")
    for author in (alice, bob, charlie):
        await posted(author)
    new = await posted(dora)
    await posted(dora, visibility="friends")
    items = (await alice.get(EXPLORE))["items"]
    assert [(item["post"]["id"], item["reason"]) for item in items] == [(new, "new")]


async def test_who_is_private_blocked_muted_or_gone_is_not_there(house: House, alice: Person, database: Clone) -> None:
    private, blocked, muted, gone = [await house.person(name) for name in ("priya", "blake", "mohan", "gopal")]
    for author in (private, blocked, muted, gone):
        await posted(author)
    await private.put("/v1/me/privacy", {"is_private": True})
    await blocked.put("/v1/blocks/alice@meton")
    await alice.put("/v1/mutes/mohan@meton", {})
    await set_status(database, gone.id, "suspended")
    assert await shown(alice, EXPLORE) == []


async def test_words_one_has_muted_and_what_is_only_passed_on_are_not_there(alice: Person, bob: Person) -> None:
    tea = await posted(bob, caption="tea")
    await posted(bob, caption="cricket")
    await posted(bob, caption=None, repost_of=tea)
    await alice.put("/v1/muted-words/cricket", {})
    assert await shown(alice, EXPLORE) == [tea]


async def test_the_best_come_first_and_everybody_once_before_anybody_again(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    by_charlie = await posted(charlie)
    by_bob = [await posted(bob) for _ in range(3)]
    await change_post(database, by_bob[0], like_count=50)
    assert await shown(alice, EXPLORE) == [by_bob[0], by_charlie, by_bob[2], by_bob[1]]
    assert (await alice.get(EXPLORE))["items"][0]["reason"] == "popular"


async def test_who_writes_a_lot_leaves_the_others_their_place(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    by_charlie = await posted(charlie)
    by_bob = [await posted(bob) for _ in range(2)]
    async with database.transaction() as tx:
        await tx.execute(FLOOD, author=bob.id, many=NEWEST - 3)
    items = await pages(alice, EXPLORE, 100)
    assert by_charlie in items[0]
    assert len(items[0]) == MOST_OF_EACH + 1
    assert not set(by_bob) & set(items[0]), "of each the newest count"


async def test_pages_stay_in_order_while_posts_come_and_rise(alice: Person, bob: Person, database: Clone) -> None:
    before = [await posted(bob) for _ in range(5)]
    page = await alice.get(f"{EXPLORE}?limit=2")
    seen = [item["post"]["id"] for item in page["items"]]
    while page["next"] is not None:
        await posted(bob)
        await change_post(database, before[0], like_count=100)
        page = await alice.get(f"{EXPLORE}?limit=2&cursor={page['next']}")
        seen += [item["post"]["id"] for item in page["items"]]
    assert seen == before[::-1]


async def test_what_is_followed_between_two_pages_may_stay_but_what_is_hidden_goes(alice: Person, bob: Person) -> None:
    for _ in range(3):
        await posted(bob)
    page = await alice.get(f"{EXPLORE}?limit=1")
    await bob.put("/v1/blocks/alice@meton")
    assert (await alice.get(f"{EXPLORE}?cursor={page['next']}"))["items"] == []


async def test_older_posts_come_later(alice: Person, bob: Person, charlie: Person, database: Clone) -> None:
    old, new = await posted(bob), await posted(charlie)
    await change_post(database, old, published_at=datetime.now(UTC) - timedelta(days=2))
    assert await pages(alice, EXPLORE, 1) == [[new], [old]]
