"""PUT and DELETE /v1/posts/{post_id}/save, GET /v1/saved."""

from __future__ import annotations

from typing import Any

import pytest

from db.models import Outbox, SavedPost
from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.friends import befriend
from tests.support.racing import race
from tests.support.records import count, set_status

NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"


async def write(person: Person, caption: str = "x", visibility: str = "public") -> dict[str, Any]:
    return dict(await person.post("/v1/posts", {"caption": caption, "visibility": visibility}))


async def save(person: Person, post: dict[str, Any]) -> None:
    assert (await person.call("PUT", f"/v1/posts/{post['id']}/save")).status == 204


async def saved(person: Person, query: str = "") -> list[str]:
    return [post["caption"] for post in (await person.get(f"/v1/saved{query}"))["items"]]


async def test_what_was_saved_last_comes_first(alice: Person, bob: Person) -> None:
    posts = [await write(alice, caption) for caption in "abc"]
    for post in (posts[1], posts[0], posts[2]):
        await save(bob, post)
    assert await saved(bob) == ["c", "a", "b"]
    page = await bob.get("/v1/saved")
    assert page["items"][0] == await bob.get(f"/v1/posts/{posts[2]['id']}")
    assert page["items"][0]["viewer"]["saved"] is True
    assert page["next"] is None


async def test_both_can_be_repeated(alice: Person, bob: Person, database: Clone) -> None:
    post = await write(alice)
    for _ in range(2):
        await save(bob, post)
    assert await count(database, SavedPost) == 1
    for _ in range(2):
        assert (await bob.call("DELETE", f"/v1/posts/{post['id']}/save")).status == 204
    assert await saved(bob) == []


async def test_nobody_learns_of_it(alice: Person, bob: Person, database: Clone) -> None:
    post = await write(alice)
    before = await count(database, Outbox)
    await save(bob, post)
    assert await count(database, Outbox) == before
    assert await saved(alice) == []
    assert (await alice.get(f"/v1/posts/{post['id']}"))["viewer"]["saved"] is False


async def test_pages_have_neither_gaps_nor_repetitions(alice: Person, bob: Person) -> None:
    posts = [await write(alice, str(number)) for number in range(7)]
    for post in posts:
        await save(bob, post)
    seen, cursor = [], ""
    while True:
        page = await bob.get(f"/v1/saved?limit=2{cursor}")
        seen += [post["caption"] for post in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
        await save(bob, await write(alice, "newer"))
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


async def test_what_one_may_not_see_any_more_is_left_out_and_pages_are_full(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    await befriend(alice, bob, "bob@meton")
    kept = [await write(alice, "kept 1", "friends"), await write(alice, "kept 2")]
    deleted, blocked = await write(alice, "deleted"), await write(charlie, "blocked")
    for post in (kept[0], deleted, blocked, kept[1]):
        await save(bob, post)
    await alice.delete(f"/v1/posts/{deleted['id']}")
    await charlie.put("/v1/blocks/bob@meton")
    assert await saved(bob, "?limit=2") == ["kept 2", "kept 1"]
    assert (await bob.get("/v1/saved?limit=2"))["next"] is None
    await charlie.delete("/v1/blocks/bob@meton")
    assert await saved(bob) == ["kept 2", "blocked", "kept 1"]
    await set_status(database, alice.id, "suspended")
    assert await saved(bob) == ["blocked"]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_what_one_may_not_see_is_not_found(alice: Person, bob: Person, database: Clone, method: str) -> None:
    post = await write(alice, visibility="friends")
    for post_id in (post["id"], NOT_THERE, "x"):
        assert (await bob.call(method, f"/v1/posts/{post_id}/save")).status == 404
    assert await count(database, SavedPost) == 0


async def test_a_post_that_went_away_can_be_forgotten(alice: Person, bob: Person, database: Clone) -> None:
    post = await write(alice)
    await save(bob, post)
    await alice.put("/v1/blocks/bob@meton")
    assert (await bob.call("DELETE", f"/v1/posts/{post['id']}/save")).status == 204
    assert await count(database, SavedPost) == 0
    assert (await bob.call("DELETE", f"/v1/posts/{post['id']}/save")).status == 404


async def test_it_is_for_people_who_are_signed_in(house: House, alice: Person) -> None:
    post = await write(alice)
    for method, path in (
        ("PUT", f"/v1/posts/{post['id']}/save"),
        ("DELETE", f"/v1/posts/{post['id']}/save"),
        ("GET", "/v1/saved"),
    ):
        assert (await house.nobody.call(method, path)).status == 401


async def test_saving_and_not_saving_at_once_end_in_one_of_the_two(alice: Person, bob: Person, database: Clone) -> None:
    path = f"/v1/posts/{(await write(alice))['id']}/save"
    saves, unsaves = await race(lambda: bob.call("PUT", path), lambda: bob.call("DELETE", path))
    assert {answer.status for answer in (*saves, *unsaves)} == {204}
    assert await count(database, SavedPost) in (0, 1)
