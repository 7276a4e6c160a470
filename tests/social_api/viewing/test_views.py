"""POST /v1/views."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from db.engine import Statement
from db.models import Post, PostView
from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.racing import race
from tests.support.records import count, set_status

NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"


async def views(person: Person, post: dict[str, Any]) -> int:
    return int((await person.get(f"/v1/posts/{post['id']}"))["counts"]["views"])


async def report(person: Person, *posts: dict[str, Any]) -> None:
    answer = await person.call("POST", "/v1/views", {"posts": [post["id"] for post in posts]})
    assert (answer.status, answer.body) == (204, b"")


async def test_a_person_counts_once_a_day(alice: Person, bob: Person, charlie: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    for person in (bob, bob, charlie):
        await report(person, post)
    assert await views(alice, post) == 2
    async with database.transaction() as tx:
        await tx.execute(Statement(update(PostView).values(day=PostView.day - 1)))
    await report(bob, post)
    assert await views(alice, post) == 3
    assert await count(database, PostView) == 3


async def test_the_day_is_that_of_utc(alice: Person, bob: Person, database: Clone) -> None:
    await report(bob, await alice.post("/v1/posts", {"caption": "x"}))
    async with database.reading() as tx:
        row = await tx.row(Statement(select(PostView.day, func.now().label("now"))))
    assert row is not None
    assert row["day"] in (row["now"].date(), (row["now"] - timedelta(minutes=5)).date())


async def test_a_post_named_twice_counts_once(alice: Person, bob: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    await report(bob, post, post)
    assert await views(alice, post) == 1


async def test_ones_own_posts_do_not_count(alice: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    await report(alice, post)
    assert await views(alice, post) == 0
    assert await count(database, PostView) == 0


async def test_what_one_may_not_see_is_passed_over(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    seen, of_friends, deleted = [
        await alice.post("/v1/posts", {"caption": "x", "visibility": visibility})
        for visibility in ("public", "friends", "public")
    ]
    blocked = await charlie.post("/v1/posts", {"caption": "x"})
    await charlie.put("/v1/blocks/bob@meton")
    await alice.delete(f"/v1/posts/{deleted['id']}")
    await report(bob, of_friends, deleted, {"id": NOT_THERE}, blocked, seen)
    assert await views(alice, seen) == 1
    assert await views(alice, of_friends) == await views(charlie, blocked) == 0
    assert await count(database, PostView) == 1


async def test_the_posts_of_someone_suspended_are_passed_over(alice: Person, bob: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    await set_status(database, alice.id, "suspended")
    await report(bob, post)
    assert await count(database, PostView) == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/posts"),
        ({"posts": []}, "/posts"),
        ({"posts": [NOT_THERE] * 101}, "/posts"),
        ({"posts": ["x"]}, "/posts/0"),
        ({"posts": NOT_THERE}, "/posts"),
        ({"posts": [NOT_THERE], "day": "2020-01-01"}, "/day"),
    ],
)
async def test_what_is_no_report_is_refused(alice: Person, body: dict[str, Any], pointer: str) -> None:
    answer = await alice.call("POST", "/v1/views", body)
    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, pointer)


async def test_a_hundred_posts_are_one_report(alice: Person, bob: Person, database: Clone) -> None:
    posts = await asyncio.gather(*(alice.post("/v1/posts", {"caption": "x"}) for _ in range(100)))
    await report(bob, *posts)
    async with database.reading() as tx:
        assert await tx.value(Statement(select(func.sum(Post.view_count)))) == 100


async def test_it_is_for_people_who_are_signed_in(house: House) -> None:
    assert (await house.nobody.call("POST", "/v1/views", {"posts": [NOT_THERE]})).status == 401


async def test_repeating_a_report_says_the_same(alice: Person, bob: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    key = {"Idempotency-Key": "once"}
    for _ in range(2):
        assert (await bob.call("POST", "/v1/views", {"posts": [post["id"]]}, key)).status == 204
    assert (await bob.call("POST", "/v1/views", {"posts": [NOT_THERE]}, key)).status == 422
    assert await views(alice, post) == 1


async def test_counts_are_exact_when_many_see_many_posts_in_any_order(
    house: House, alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    posts = [(await alice.post("/v1/posts", {"caption": "x"}))["id"] for _ in range(5)]
    answers = await race(
        lambda: bob.call("POST", "/v1/views", {"posts": posts}),
        lambda: charlie.call("POST", "/v1/views", {"posts": posts[::-1]}),
        lambda: bob.call("POST", "/v1/views", {"posts": posts[::-1]}),
    )
    assert {answer.status for same in answers for answer in same} == {204}
    async with database.reading() as tx:
        rows = await tx.rows(Statement(select(Post.view_count)))
    assert [row["view_count"] for row in rows] == [2] * 5
    assert await count(database, PostView) == 10
