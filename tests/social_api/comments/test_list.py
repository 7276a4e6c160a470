"""GET /v1/posts/{post_id}/comments, GET /v1/comments/{comment_id} and its replies."""

from __future__ import annotations

import pytest

from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.comments import comment, texts, write
from tests.support.records import change_post

NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"


async def walk(person: Person, path: str, between: list[str] | None = None) -> list[str]:
    """What all pages say; after the first one, the comments of `between` are pinned or unpinned in turns."""
    said, cursor = [], ""
    while True:
        page = await person.get(f"{path}{cursor}")
        said += [each["text"] for each in page["items"]]
        if page["next"] is None:
            return said
        cursor = f"&cursor={page['next']}"
        for each in between or ():
            seen = await person.get(f"/v1/comments/{each}")
            assert (await person.call("DELETE" if seen["pinned"] else "PUT", f"/v1/comments/{each}/pin")).status == 204


async def test_by_default_the_most_liked_comes_first_and_of_equals_the_newest(
    alice: Person, bob: Person, charlie: Person
) -> None:
    post = await write(alice)
    made = {text: await comment(alice, post, text) for text in "abcd"}
    for text, people in (("b", (bob, charlie)), ("c", (bob,))):
        for person in people:
            await person.put(f"/v1/comments/{made[text]}/like")
    path = f"/v1/posts/{post}/comments"
    assert await texts(bob, path) == await texts(bob, f"{path}?sort=top") == ["b", "c", "d", "a"]
    assert await texts(bob, f"{path}?sort=newest") == ["d", "c", "b", "a"]
    assert await texts(bob, f"{path}?sort=oldest") == ["a", "b", "c", "d"]
    assert (await bob.call("GET", f"{path}?sort=random")).status == 422


async def test_each_comment_is_as_it_is_alone_with_its_newest_replies(alice: Person, bob: Person) -> None:
    post = await write(alice)
    head, other = await comment(alice, post, "head"), await comment(bob, post, "other")
    replies = [await comment(bob, post, text, head) for text in ("1", "2", "3")]
    page = await bob.get(f"/v1/posts/{post}/comments?sort=oldest")
    first, second = page["items"]
    assert [each["text"] for each in first["latest_replies"]] == ["2", "3"]
    assert first["latest_replies"][1] == await bob.get(f"/v1/comments/{replies[2]}")
    assert first["counts"]["replies"] == 3
    assert second["latest_replies"] == []
    for shown, alone in ((first, head), (second, other)):
        assert {**await bob.get(f"/v1/comments/{alone}"), "latest_replies": shown["latest_replies"]} == shown


@pytest.mark.parametrize("sort", ["top", "newest", "oldest"])
@pytest.mark.parametrize("limit", [1, 2, 5, 100])
async def test_pages_have_neither_gaps_nor_repetitions_whatever_is_pinned_meanwhile(
    alice: Person, sort: str, limit: int
) -> None:
    post = await write(alice)
    made = {text: await comment(alice, post, text) for text in "abcdefg"}
    for text in "bf":
        await alice.put(f"/v1/comments/{made[text]}/pin")
    path = f"/v1/posts/{post}/comments?sort={sort}&limit={limit}"
    at_first = await texts(alice, f"/v1/posts/{post}/comments?sort={sort}")
    assert at_first == ["f", "b", *([*"acdeg"] if sort == "oldest" else [*"gedca"])]
    said = await walk(alice, path)
    assert sorted(said) == [*"abcdefg"]
    assert said[:2] == (["f", "b"] if limit > 1 else ["f", said[1]])
    assert sorted(await walk(alice, path, between=[made["f"], made["d"]])) == [*"abcdefg"]


async def test_a_walk_is_not_disturbed_by_what_is_written_or_deleted(alice: Person, bob: Person) -> None:
    post = await write(alice)
    made = {text: await comment(alice, post, text) for text in "abcdef"}
    path = f"/v1/posts/{post}/comments?limit=2"
    page = await bob.get(path)
    await comment(bob, post, "new")
    for text in "ec":
        await alice.delete(f"/v1/comments/{made[text]}")
    rest = await texts(bob, f"{path}&cursor={page['next']}")
    assert [each["text"] for each in page["items"]] + rest == ["f", "e", "d", "b"]


async def test_a_cursor_is_for_the_order_it_came_from(alice: Person) -> None:
    post = await write(alice)
    for text in "ab":
        await comment(alice, post, text)
    cursor = (await alice.get(f"/v1/posts/{post}/comments?sort=newest&limit=1"))["next"]
    for order in ("sort=top", "sort=oldest", "limit=1"):
        answer = await alice.call("GET", f"/v1/posts/{post}/comments?{order}&cursor={cursor}")
        assert (answer.status, answer.body["type"].rpartition("/")[2]) == (400, "bad-cursor")


async def test_replies_come_oldest_first_with_all_of_the_thread(alice: Person, bob: Person) -> None:
    post = await write(alice)
    head = await comment(alice, post, "head")
    one = await comment(bob, post, "1", head)
    two = await comment(alice, post, "2", one)
    for text, parent in (("3", head), ("4", two), ("5", one)):
        await comment(bob, post, text, parent)
    await comment(alice, post, "another thread")
    assert await texts(bob, f"/v1/comments/{head}/replies") == ["1", "2", "3", "4", "5"]
    assert await walk(bob, f"/v1/comments/{head}/replies?limit=2") == ["1", "2", "3", "4", "5"]
    assert await texts(bob, f"/v1/comments/{one}/replies") == ["2", "5"]
    assert await texts(bob, f"/v1/comments/{two}/replies") == ["4"]


@pytest.mark.parametrize("end", ["", "/replies"])
async def test_a_comment_is_as_visible_as_its_post(alice: Person, bob: Person, database: Clone, end: str) -> None:
    post = await write(alice)
    path = f"/v1/comments/{await comment(bob, post)}{end}"
    assert (await bob.call("GET", path)).status == 200
    await change_post(database, post, visibility="friends")
    assert (await bob.call("GET", path)).status == 404
    assert (await alice.call("GET", path)).status == 200
    await alice.delete(f"/v1/posts/{post}")
    assert (await alice.call("GET", path)).status == 404


async def test_the_comments_on_what_one_may_not_see_are_not_found(alice: Person, bob: Person) -> None:
    hidden, deleted, seen = await write(alice, visibility="friends"), await write(alice), await write(alice)
    await alice.delete(f"/v1/posts/{deleted}")
    await alice.put("/v1/blocks/bob@meton")
    for post in (hidden, deleted, seen, NOT_THERE, "x"):
        answer = await bob.call("GET", f"/v1/posts/{post}/comments")
        assert (answer.status, answer.body["type"].rpartition("/")[2]) == (404, "not-found")


async def test_it_is_for_people_who_are_signed_in(house: House, alice: Person) -> None:
    post = await write(alice)
    made = await comment(alice, post)
    for path in (f"/v1/posts/{post}/comments", f"/v1/comments/{made}", f"/v1/comments/{made}/replies"):
        assert (await house.nobody.call("GET", path)).status == 401
