"""DELETE /v1/comments/{comment_id}."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from db.engine import Statement
from db.models import AuditLog, Comment
from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.comments import are_exact, comment, texts, write
from tests.support.racing import race
from tests.support.records import count

NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"


async def removals(database: Clone) -> list[tuple[str, dict[str, str]]]:
    """Who removed what of somebody else's."""
    async with database.reading() as tx:
        rows = await tx.rows(Statement(select(AuditLog).where(AuditLog.action == "comment.removed")))
    return [(str(row["user_id"]), row["meta"]) for row in rows]


async def test_its_writer_deletes_it_for_everyone(alice: Person, bob: Person, database: Clone) -> None:
    post = await write(alice)
    made = await comment(bob, post)
    assert (await bob.call("DELETE", f"/v1/comments/{made}")).status == 204
    for person in (alice, bob):
        assert (await person.call("GET", f"/v1/comments/{made}")).status == 404
        assert (await person.get(f"/v1/posts/{post}"))["counts"]["comments"] == 0
    assert await texts(alice, f"/v1/posts/{post}/comments") == []
    assert (await bob.call("DELETE", f"/v1/comments/{made}")).status == 404
    assert await removals(database) == []
    assert await count(database, Comment) == 1


async def test_what_the_author_of_the_post_removes_is_recorded(alice: Person, bob: Person, database: Clone) -> None:
    post = await write(alice)
    made = await comment(bob, post)
    assert (await alice.call("DELETE", f"/v1/comments/{made}")).status == 204
    assert (await bob.call("GET", f"/v1/comments/{made}")).status == 404
    meta = {"comment_id": made, "post_id": post, "writer_id": str(bob.id)}
    assert await removals(database) == [(str(alice.id), meta)]
    assert await are_exact(database)


async def test_a_thread_goes_with_its_first_comment(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    post = await write(alice)
    head, other = await comment(bob, post, "head"), await comment(bob, post, "other")
    reply = await comment(charlie, post, "reply", head)
    deeper = await comment(alice, post, "deeper", reply)
    await bob.delete(f"/v1/comments/{head}")
    for each in (head, reply, deeper):
        assert (await charlie.call("GET", f"/v1/comments/{each}")).status == 404
    assert await texts(alice, f"/v1/posts/{post}/comments") == ["other"]
    assert (await alice.get(f"/v1/posts/{post}"))["counts"]["comments"] == 1
    assert (await alice.get(f"/v1/comments/{other}"))["counts"]["replies"] == 0
    assert await are_exact(database)


async def test_an_answer_goes_alone(alice: Person, bob: Person, database: Clone) -> None:
    post = await write(alice)
    head = await comment(alice, post)
    reply = await comment(bob, post, "reply", head)
    await comment(alice, post, "answer to it", reply)
    await bob.delete(f"/v1/comments/{reply}")
    assert await texts(bob, f"/v1/comments/{head}/replies") == ["answer to it"]
    assert (await bob.get(f"/v1/comments/{head}"))["counts"]["replies"] == 1
    assert (await bob.get(f"/v1/posts/{post}"))["counts"]["comments"] == 2
    assert await are_exact(database)


async def test_others_may_not(alice: Person, bob: Person, charlie: Person, database: Clone) -> None:
    post = await write(alice)
    made = await comment(bob, post)
    answer = await charlie.call("DELETE", f"/v1/comments/{made}")
    assert (answer.status, answer.body["type"].rpartition("/")[2]) == (403, "forbidden")
    await bob.put("/v1/blocks/charlie@meton")
    for each in (made, NOT_THERE, "x"):
        assert (await charlie.call("DELETE", f"/v1/comments/{each}")).status == 404
    assert await texts(alice, f"/v1/posts/{post}/comments") == ["x"]
    assert await removals(database) == []


async def test_it_is_for_people_who_are_signed_in(house: House, alice: Person) -> None:
    made = await comment(alice, await write(alice))
    assert (await house.nobody.call("DELETE", f"/v1/comments/{made}")).status == 401


async def test_of_many_at_once_one_deletes_and_it_counts_once(alice: Person, bob: Person, database: Clone) -> None:
    post = await write(alice)
    path = f"/v1/comments/{await comment(bob, post)}"
    by_writer, by_author = await race(lambda: bob.call("DELETE", path), lambda: alice.call("DELETE", path), times=25)
    assert sorted(answer.status for answer in by_writer + by_author) == [204] + [404] * 49
    assert await are_exact(database)


async def test_answering_while_the_thread_is_deleted_leaves_exact_counts(
    alice: Person, bob: Person, database: Clone
) -> None:
    post = await write(alice)
    head = await comment(alice, post)
    replies = [await comment(bob, post, "x", head) for _ in range(10)]
    body = {"text": "x", "parent_comment_id": head}
    answers = [bob.call("POST", f"/v1/posts/{post}/comments", body) for _ in range(25)]
    answers += [bob.call("DELETE", f"/v1/comments/{reply}") for reply in replies]
    answers.insert(15, alice.call("DELETE", f"/v1/comments/{head}"))
    statuses = {answer.status for answer in await asyncio.gather(*answers)}
    assert statuses <= {201, 204, 404, 422}
    assert await texts(alice, f"/v1/posts/{post}/comments") == []
    assert (await alice.get(f"/v1/posts/{post}"))["counts"]["comments"] == 0
    assert await are_exact(database)


async def test_commenting_while_the_post_is_deleted_leaves_exact_counts(
    alice: Person, bob: Person, database: Clone
) -> None:
    post = await write(alice)
    answers = [bob.call("POST", f"/v1/posts/{post}/comments", {"text": "x"}) for _ in range(49)]
    answers.insert(10, alice.call("DELETE", f"/v1/posts/{post}"))
    assert {answer.status for answer in await asyncio.gather(*answers)} <= {201, 204, 404}
    assert (await bob.call("POST", f"/v1/posts/{post}/comments", {"text": "x"})).status == 404
    assert await are_exact(database)
