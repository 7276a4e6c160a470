"""PATCH /v1/comments/{comment_id}."""

from __future__ import annotations

from typing import Any

import pytest

from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.comments import are_exact, comment, write
from tests.support.racing import race
from tests.support.records import change_post, told

NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"


async def test_its_writer_changes_the_words(alice: Person, bob: Person) -> None:
    post = await write(alice)
    made = await comment(bob, post, "before")
    before = await bob.get(f"/v1/comments/{made}")
    answer = await bob.call("PATCH", f"/v1/comments/{made}", {"text": " after "})
    assert answer.status == 200
    assert answer.body["edited_at"] is not None
    assert answer.body == {**before, "text": "after", "edited_at": answer.body["edited_at"]}
    assert (await alice.get(f"/v1/comments/{made}"))["text"] == "after"


async def test_the_same_words_change_nothing(alice: Person) -> None:
    made = await comment(alice, await write(alice), "same")
    assert (await alice.call("PATCH", f"/v1/comments/{made}", {"text": "same "})).body["edited_at"] is None


async def test_who_is_named_follows_and_the_new_ones_are_told(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    made = await comment(alice, await write(alice), "@bob")
    changed = (await alice.call("PATCH", f"/v1/comments/{made}", {"text": "@bob @charlie"})).body
    assert [each["connect_id"] for each in changed["mentions"]] == ["bob@meton", "charlie@meton"]
    changed = (await alice.call("PATCH", f"/v1/comments/{made}", {"text": "@charlie"})).body
    assert [each["connect_id"] for each in changed["mentions"]] == ["charlie@meton"]
    assert (await alice.call("PATCH", f"/v1/comments/{made}", {"text": "x"})).body["mentions"] == []
    events = await told(database, "comment.mentioned")
    assert [event["users"] for event in events] == [[str(bob.id)], [str(charlie.id)]]


async def test_nobody_else_changes_it(alice: Person, bob: Person, charlie: Person) -> None:
    made = await comment(bob, await write(alice), "x")
    for person in (alice, charlie):
        answer = await person.call("PATCH", f"/v1/comments/{made}", {"text": "y"})
        assert (answer.status, answer.body["type"].rpartition("/")[2]) == (403, "forbidden")
    assert (await bob.get(f"/v1/comments/{made}"))["text"] == "x"


async def test_what_one_may_not_see_is_not_found(alice: Person, bob: Person, database: Clone) -> None:
    post = await write(alice)
    made, deleted = await comment(bob, post), await comment(bob, post)
    await bob.delete(f"/v1/comments/{deleted}")
    await change_post(database, post, visibility="friends")
    for each in (made, deleted, NOT_THERE, "x"):
        assert (await bob.call("PATCH", f"/v1/comments/{each}", {"text": "y"})).status == 404
    assert (await alice.get(f"/v1/comments/{made}"))["text"] == "x"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/text"),
        ({"text": ""}, "/text"),
        ({"text": " \u200b"}, "/text"),
        ({"text": None}, "/text"),
        ({"text": "x" * 2001}, "/text"),
        ({"text": "y", "parent_comment_id": NOT_THERE}, "/parent_comment_id"),
    ],
)
async def test_what_is_no_comment_is_refused(alice: Person, body: dict[str, Any], pointer: str) -> None:
    made = await comment(alice, await write(alice))
    answer = await alice.call("PATCH", f"/v1/comments/{made}", body)
    assert (answer.status, [error["pointer"] for error in answer.body["errors"]]) == (422, [pointer])
    assert (await alice.get(f"/v1/comments/{made}"))["text"] == "x"


async def test_it_is_for_people_who_are_signed_in(house: House, alice: Person) -> None:
    made = await comment(alice, await write(alice))
    assert (await house.nobody.call("PATCH", f"/v1/comments/{made}", {"text": "y"})).status == 401


async def test_changing_and_deleting_at_once_end_in_its_deletion(alice: Person, database: Clone) -> None:
    post = await write(alice)
    path = f"/v1/comments/{await comment(alice, post)}"
    changes, deletions = await race(
        lambda: alice.call("PATCH", path, {"text": "@alice y"}), lambda: alice.call("DELETE", path)
    )
    assert {answer.status for answer in changes} <= {200, 404}
    assert sorted(answer.status for answer in deletions) == [204] + [404] * 49
    assert (await alice.call("GET", path)).status == 404
    assert await are_exact(database)
