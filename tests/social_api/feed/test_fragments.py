"""An item of the feed is the post as it is now, however often and by whomever it was read before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import update

from db.engine import Statement
from db.models import MediaItem, User
from social_api.feed.fragments import Fragments, now
from social_api.posts.schemas import PostView
from tests.social_api.conftest import Person
from tests.support.clones import Clone
from tests.support.records import change_post, upload

Change = Callable[[Person, Person, Clone, str], Awaitable[object]]


async def rename(_: Person, bob: Person, database: Clone, _post: str) -> None:
    async with database.transaction() as tx:
        await tx.execute(Statement(update(User).where(User.id == bob.id).values(display_name="Robert")))


async def describe(_: Person, bob: Person, database: Clone, _post: str) -> None:
    async with database.transaction() as tx:
        await tx.execute(Statement(update(MediaItem).where(MediaItem.user_id == bob.id).values(alt_text="hills")))


CHANGES: dict[str, Change] = {
    "nothing": lambda alice, bob, database, post: alice.get(f"/v1/posts/{post}"),
    "a like": lambda alice, bob, database, post: alice.put(f"/v1/posts/{post}/like"),
    "saved": lambda alice, bob, database, post: alice.put(f"/v1/posts/{post}/save"),
    "passed on": lambda alice, bob, database, post: alice.post("/v1/posts", {"repost_of": post}),
    "a comment": lambda alice, bob, database, post: bob.post(f"/v1/posts/{post}/comments", {"text": "x"}),
    "its caption": lambda alice, bob, database, post: change_post(database, post, caption="another"),
    "who may answer": lambda alice, bob, database, post: change_post(database, post, replies="nobody"),
    "its author's name": rename,
    "words for its picture": describe,
}


@pytest.mark.parametrize("what", CHANGES)
async def test_an_item_is_the_post_as_it_is(alice: Person, bob: Person, database: Clone, what: str) -> None:
    await alice.put("/v1/profiles/bob@meton/follow")
    media = [str(await upload(database, bob.id))]
    post = (await bob.post("/v1/posts", {"type": "photo", "caption": 'a "viewer":{}', "media": media}))["id"]
    for change in (CHANGES["nothing"], CHANGES[what]):
        for reader in (alice, alice, bob):
            item = next(item for item in (await reader.get("/v1/feed"))["items"] if item["post"]["id"] == post)
            assert item["post"] == await reader.get(f"/v1/posts/{post}")
        await change(alice, bob, database, post)
    for reader in (alice, alice, bob):
        item = next(item for item in (await reader.get("/v1/feed"))["items"] if item["post"]["id"] == post)
        assert item["post"] == await reader.get(f"/v1/posts/{post}")


async def test_a_page_asked_for_before_a_post_was_read_reads_it_anew(alice: Person) -> None:
    """It may have changed between the two, and what it became may not be for the reader of the earlier page."""
    post = msgspec.convert(await alice.post("/v1/posts", {"caption": "x"}), PostView)
    row: Any = {"id": post.id, "reason": "own", "version": 1, "author_version": 1, "file_versions": []}
    fragments, asked_at = Fragments(), now()
    fragments.keep(row, 0, post)
    assert fragments.find(row, 0, asked_at) is None
    assert fragments.find(row, 0, now()) is not None
    assert fragments.find(row | {"version": 2}, 0, now()) is None


async def test_a_post_that_names_somebody_is_not_the_same_for_all(alice: Person, bob: Person, charlie: Person) -> None:
    for reader in (alice, charlie):
        await reader.put("/v1/profiles/bob@meton/follow")
    await bob.post("/v1/posts", {"caption": "with @charlie"})
    assert (await charlie.get("/v1/feed"))["items"][0]["post"]["mentions"][0]["connect_id"] == "charlie@meton"
    await charlie.put("/v1/blocks/alice@meton")
    assert (await alice.get("/v1/feed"))["items"][0]["post"]["mentions"] == []
