"""PUT and DELETE /v1/posts/{post_id}/like and /v1/comments/{comment_id}/like, GET …/likes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select

from db.engine import Statement
from db.models import Comment, Like, Post
from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.friends import befriend
from tests.support.racing import race
from tests.support.records import change_post, count, set_status, told

NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"

Maker = Callable[[Person], Awaitable[str]]


async def a_post(author: Person) -> str:
    """The path of a new post."""
    return f"/v1/posts/{(await author.post('/v1/posts', {'caption': 'x'}))['id']}"


async def a_comment(author: Person) -> str:
    """The path of a new comment of somebody on a post of their own."""
    return f"/v1/comments/{(await author.post(f'{await a_post(author)}/comments', {'text': 'x'}))['id']}"


both = pytest.mark.parametrize("make", [a_post, a_comment])


async def likes(person: Person, path: str) -> tuple[int, bool]:
    seen = await person.get(path)
    return seen["counts"]["likes"], seen["viewer"]["liked"]


async def likers(person: Person, path: str) -> list[str]:
    return [each["connect_id"] for each in (await person.get(f"{path}/likes"))["items"]]


async def stored_counts(database: Clone) -> tuple[int, int]:
    """The sum of all counts of likes, and how many likes there are."""
    of_posts = select(func.coalesce(func.sum(Post.like_count), 0)).scalar_subquery()
    of_comments = select(func.coalesce(func.sum(Comment.like_count), 0)).scalar_subquery()
    async with database.reading() as tx:
        return int(await tx.value(Statement(select(of_posts + of_comments)))), await count(database, Like)


@both
async def test_liking_counts_once_and_can_be_taken_back(
    alice: Person, bob: Person, database: Clone, make: Maker
) -> None:
    path = await make(alice)
    for _ in range(2):
        answer = await bob.call("PUT", f"{path}/like")
        assert (answer.status, answer.body) == (200, {"liked": True, "likes": 1})
    assert await likes(bob, path) == (1, True)
    assert await likes(alice, path) == (1, False)
    for _ in range(2):
        answer = await bob.call("DELETE", f"{path}/like")
        assert (answer.status, answer.body) == (200, {"liked": False, "likes": 0})
    assert await stored_counts(database) == (0, 0)


@both
async def test_the_answer_counts_everyone(alice: Person, bob: Person, charlie: Person, make: Maker) -> None:
    path = await make(alice)
    assert await bob.put(f"{path}/like") == {"liked": True, "likes": 1}
    assert await charlie.put(f"{path}/like") == {"liked": True, "likes": 2}
    assert await alice.put(f"{path}/like") == {"liked": True, "likes": 3}
    assert await bob.delete(f"{path}/like") == {"liked": False, "likes": 2}


async def test_a_post_and_a_comment_are_liked_apart(alice: Person, bob: Person) -> None:
    post, comment = await a_post(alice), await a_comment(alice)
    await bob.put(f"{comment}/like")
    assert await likes(bob, post) == (0, False)
    assert (await bob.call("PUT", comment.replace("comments", "posts") + "/like")).status == 404


async def test_the_author_of_a_post_is_told_once(alice: Person, bob: Person, database: Clone) -> None:
    path = await a_post(alice)
    for _ in range(2):
        await bob.put(f"{path}/like")
    payload = {"post_id": path.rpartition("/")[2], "connect_id": "bob@meton"}
    assert [(event["users"], event["payload"]) for event in await told(database, "post.liked")] == [
        ([str(alice.id)], payload)
    ]


async def test_the_writer_of_a_comment_is_told_once(alice: Person, bob: Person, database: Clone) -> None:
    path = await a_comment(alice)
    for _ in range(2):
        await bob.put(f"{path}/like")
    events = await told(database, "comment.liked")
    assert [event["users"] for event in events] == [[str(alice.id)]]
    assert events[0]["payload"]["comment_id"] == path.rpartition("/")[2]
    assert events[0]["payload"]["connect_id"] == "bob@meton"


@both
async def test_nobody_is_told_of_themselves_or_of_someone_they_muted(
    alice: Person, bob: Person, database: Clone, make: Maker
) -> None:
    path = await make(alice)
    await alice.put("/v1/mutes/bob@meton", {})
    for person in (alice, bob):
        await person.put(f"{path}/like")
    assert await told(database, "post.liked") == await told(database, "comment.liked") == []


async def test_a_writer_who_does_not_see_the_post_any_more_is_not_told(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    post = await a_post(alice)
    comment = (await bob.post(f"{post}/comments", {"text": "x"}))["id"]
    await befriend(alice, charlie, "charlie@meton")
    await change_post(database, post.rpartition("/")[2], visibility="friends")
    assert await charlie.put(f"/v1/comments/{comment}/like") == {"liked": True, "likes": 1}
    assert await told(database, "comment.liked") == []


@both
@pytest.mark.parametrize("verb", ["PUT like", "DELETE like", "GET likes"])
async def test_what_one_may_not_see_is_not_found(
    alice: Person, bob: Person, database: Clone, make: Maker, verb: str
) -> None:
    method, end = verb.split()
    path = await make(alice)
    kind = path.rpartition("/")[0]
    await alice.put("/v1/blocks/bob@meton")
    for each in (path, f"{kind}/{NOT_THERE}", f"{kind}/x"):
        answer = await bob.call(method, f"{each}/{end}")
        assert (answer.status, answer.body["type"].rpartition("/")[2]) == (404, "not-found")
    assert await stored_counts(database) == (0, 0)


async def test_a_comment_is_as_visible_as_its_post(alice: Person, bob: Person, database: Clone) -> None:
    comment = await a_comment(alice)
    post = (await alice.get(comment))["post_id"]
    await change_post(database, post, visibility="friends")
    assert (await bob.call("PUT", f"{comment}/like")).status == 404
    await change_post(database, post, visibility="public")
    assert (await bob.call("PUT", f"{comment}/like")).status == 200
    await alice.delete(f"/v1/posts/{post}")
    assert (await bob.call("DELETE", f"{comment}/like")).status == 404
    assert (await alice.call("GET", f"{comment}/likes")).status == 404


@both
async def test_a_like_of_what_is_deleted_is_not_found(alice: Person, bob: Person, make: Maker) -> None:
    path = await make(alice)
    await alice.delete(path)
    assert (await bob.call("PUT", f"{path}/like")).status == 404


@both
async def test_who_liked_is_listed_newest_first_in_pages(
    house: House, alice: Person, bob: Person, charlie: Person, make: Maker
) -> None:
    path = await make(alice)
    for person in (bob, alice, charlie):
        await person.put(f"{path}/like")
    assert await likers(bob, path) == ["charlie@meton", "alice@meton", "bob@meton"]
    page = await bob.get(f"{path}/likes?limit=2")
    await (await house.person("dora")).put(f"{path}/like")
    rest = await bob.get(f"{path}/likes?limit=2&cursor={page['next']}")
    assert [each["connect_id"] for each in page["items"] + rest["items"]] == [
        "charlie@meton",
        "alice@meton",
        "bob@meton",
    ]
    assert rest["next"] is None


@both
async def test_who_is_not_there_for_one_is_left_out_and_counted(
    alice: Person, bob: Person, charlie: Person, database: Clone, make: Maker
) -> None:
    path = await make(alice)
    for person in (bob, charlie):
        await person.put(f"{path}/like")
    await bob.put("/v1/blocks/charlie@meton")
    assert await likers(alice, path) == ["charlie@meton", "bob@meton"]
    assert await likers(bob, path) == ["bob@meton"]
    assert await likers(charlie, path) == ["charlie@meton"]
    assert await likes(bob, path) == (2, True)
    await set_status(database, charlie.id, "suspended")
    assert await likers(alice, path) == ["bob@meton"]
    assert (await likes(alice, path))[0] == 2


async def test_it_is_for_people_who_are_signed_in(house: House, alice: Person) -> None:
    for path in (await a_post(alice), await a_comment(alice)):
        for method, end in (("PUT", "like"), ("DELETE", "like"), ("GET", "likes")):
            assert (await house.nobody.call(method, f"{path}/{end}")).status == 401


@both
async def test_liking_and_unliking_at_once_leave_an_exact_count(
    alice: Person, bob: Person, charlie: Person, database: Clone, make: Maker
) -> None:
    path = f"{await make(alice)}/like"
    answers = await race(
        lambda: bob.call("PUT", path),
        lambda: bob.call("DELETE", path),
        lambda: charlie.call("DELETE", path),
        lambda: charlie.call("PUT", path),
        lambda: alice.call("PUT", path),
    )
    assert {answer.status for same in answers for answer in same} == {200}
    counted, there = await stored_counts(database)
    assert counted == there
    assert there in (1, 2, 3)


@both
async def test_many_people_at_once_are_all_counted(house: House, alice: Person, database: Clone, make: Maker) -> None:
    path = await make(alice)
    people = [await house.person(f"person{number}") for number in range(50)]
    answers = await asyncio.gather(*(person.put(f"{path}/like") for person in people))
    assert sorted(answer["likes"] for answer in answers) == list(range(1, 51))
    assert await stored_counts(database) == (50, 50)
