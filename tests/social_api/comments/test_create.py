"""POST /v1/posts/{post_id}/comments."""

from __future__ import annotations

from typing import Any

import pytest

from db.models import Comment
from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.comments import are_exact, comment, write
from tests.support.friends import befriend
from tests.support.racing import race
from tests.support.records import change_post, count, outbox, set_status, told

NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"


async def comments_of(person: Person, post: str) -> int:
    return int((await person.get(f"/v1/posts/{post}"))["counts"]["comments"])


async def heard(database: Clone, *cast: Person) -> dict[str, str]:
    """What each of the cast was told last, who heard of the newest comment; and nobody twice."""
    names = {str(person.id): person.username for person in cast}
    events = [event for event in await outbox(database, "live") if event["type"].startswith("comment.")]
    newest = [event for event in events if event["payload"] == events[-1]["payload"]]
    pairs = [(names[user], event["type"].removeprefix("comment.")) for event in newest for user in event["users"]]
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


async def test_a_comment_is_there_for_all_at_once(alice: Person, bob: Person, database: Clone) -> None:
    post = await write(alice)
    answer = await bob.call("POST", f"/v1/posts/{post}/comments", {"text": "  बहुत सुंदर!\n"})
    assert answer.status == 201
    made = answer.body
    assert (made["text"], made["post_id"], made["author"]["connect_id"]) == ("बहुत सुंदर!", post, "bob@meton")
    assert (made["thread_id"], made["parent_comment_id"], made["edited_at"]) == (None, None, None)
    assert made["counts"] == {"likes": 0, "replies": 0}
    assert (made["pinned"], made["hidden"], made["mentions"]) == (False, False, [])
    assert made["viewer"] == {
        "author": True, "liked": False, "may_delete": True, "may_hide": False, "may_pin": False,
    }  # fmt: skip
    seen = await alice.get(f"/v1/comments/{made['id']}")
    assert seen["viewer"] == {
        "author": False, "liked": False, "may_delete": True, "may_hide": True, "may_pin": True,
    }  # fmt: skip
    assert {**seen, "viewer": made["viewer"]} == made
    assert await comments_of(bob, post) == 1
    assert await are_exact(database)


async def test_every_level_is_stored_and_one_is_shown(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    post = await write(alice)
    head = await comment(bob, post)
    reply = await comment(charlie, post, "reply", head)
    deeper = await bob.get(f"/v1/comments/{await comment(bob, post, 'deeper', reply)}")
    assert (deeper["thread_id"], deeper["parent_comment_id"]) == (head, reply)
    assert (await alice.get(f"/v1/comments/{head}"))["counts"]["replies"] == 2
    assert (await alice.get(f"/v1/comments/{reply}"))["counts"]["replies"] == 0
    assert await comments_of(alice, post) == 3
    assert await are_exact(database)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/text"),
        ({"text": ""}, "/text"),
        ({"text": " \n\t\u200b\u2060\u00a0"}, "/text"),
        ({"text": "अ" * 2001}, "/text"),
        ({"text": "nul\u0000"}, "/text"),
        ({"text": 1}, "/text"),
        ({"text": "x", "parent_comment_id": "x"}, "/parent_comment_id"),
        ({"text": "x", "parent_comment_id": NOT_THERE}, "/parent_comment_id"),
        ({"text": "x", "thread_id": NOT_THERE}, "/thread_id"),
    ],
)
async def test_what_is_no_comment_is_refused_and_named(
    alice: Person, database: Clone, body: dict[str, Any], pointer: str
) -> None:
    post = await write(alice)
    answer = await alice.call("POST", f"/v1/posts/{post}/comments", body)
    assert (answer.status, [error["pointer"] for error in answer.body["errors"]]) == (422, [pointer])
    assert await count(database, Comment) == 0
    assert await comments_of(alice, post) == 0


async def test_two_thousand_characters_are_short_enough(alice: Person) -> None:
    post = await write(alice)
    assert (await alice.call("POST", f"/v1/posts/{post}/comments", {"text": "अ" * 2000})).status == 201


async def test_what_it_answers_is_a_comment_on_the_same_post_that_one_sees(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    post, other = await write(alice), await write(alice)
    elsewhere, deleted = await comment(alice, other), await comment(alice, post)
    of_blocked, hidden = await comment(bob, post), await comment(alice, post)
    await alice.delete(f"/v1/comments/{deleted}")
    await alice.put(f"/v1/comments/{hidden}/hidden")
    await bob.put("/v1/blocks/charlie@meton")
    for parent in (elsewhere, deleted, of_blocked, hidden):
        body = {"text": "x", "parent_comment_id": parent}
        answer = await charlie.call("POST", f"/v1/posts/{post}/comments", body)
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/parent_comment_id")
    assert await are_exact(database)


@pytest.mark.parametrize("replies", ["everyone", "followers", "friends", "mentioned", "nobody"])
async def test_the_author_says_who_may_comment(
    alice: Person, bob: Person, charlie: Person, database: Clone, replies: str
) -> None:
    """Bob follows Alice, Charlie is her friend."""
    await bob.put("/v1/profiles/alice@meton/follow")
    await befriend(alice, charlie, "charlie@meton")
    post = await write(alice)
    await change_post(database, post, replies=replies)
    allowed = {"everyone": "alice bob charlie", "followers": "alice bob", "friends": "alice charlie"}
    for person in (alice, bob, charlie):
        answer = await person.call("POST", f"/v1/posts/{post}/comments", {"text": "x"})
        if person.username in allowed.get(replies, "alice").split():
            assert answer.status == 201
        else:
            assert (answer.status, answer.body["type"].rpartition("/")[2]) == (403, "replies-limited")
        assert (await person.get(f"/v1/posts/{post}"))["viewer"]["may_reply"] is (answer.status == 201)
    assert await are_exact(database)


async def test_what_one_may_not_see_is_not_found(alice: Person, bob: Person, database: Clone) -> None:
    of_friends, deleted, seen = await write(alice, visibility="friends"), await write(alice), await write(alice)
    await alice.delete(f"/v1/posts/{deleted}")
    for post in (of_friends, deleted, NOT_THERE, "x"):
        assert (await bob.call("POST", f"/v1/posts/{post}/comments", {"text": "x"})).status == 404
    await alice.put("/v1/blocks/bob@meton")
    assert (await bob.call("POST", f"/v1/posts/{seen}/comments", {"text": "x"})).status == 404
    await set_status(database, alice.id, "suspended")
    assert (await bob.call("POST", f"/v1/posts/{seen}/comments", {"text": "x"})).status == 404
    assert await count(database, Comment) == 0


async def test_it_is_for_people_who_are_signed_in(house: House, alice: Person) -> None:
    post = await write(alice)
    assert (await house.nobody.call("POST", f"/v1/posts/{post}/comments", {"text": "x"})).status == 401


async def test_the_author_of_the_post_is_told(alice: Person, bob: Person, database: Clone) -> None:
    post = await write(alice)
    made = await comment(bob, post)
    events = await told(database, "comment.created")
    payload = {"comment_id": made, "post_id": post, "connect_id": "bob@meton"}
    assert [(event["users"], event["payload"]) for event in events] == [([str(alice.id)], payload)]
    await comment(alice, post)
    assert len(await told(database, "comment.created")) == 1


async def test_each_person_is_told_once_what_is_most_about_them(
    house: House, alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    dora = await house.person("dora")
    cast = (alice, bob, charlie, dora)
    post = await write(alice)
    head = await comment(bob, post)
    assert await heard(database, *cast) == {"alice": "created"}
    reply = await comment(charlie, post, "@alice", head)
    assert await heard(database, *cast) == {"alice": "mentioned", "bob": "replied"}
    await comment(dora, post, "@bob @charlie @dora @nobody", reply)
    assert await heard(database, *cast) == {"alice": "created", "bob": "mentioned", "charlie": "replied"}
    await comment(dora, post, "@dora", await comment(alice, post))
    assert await heard(database, *cast) == {"alice": "replied"}


async def test_nobody_is_told_who_does_not_see_it_or_want_to_hear_it(
    house: House, alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    await house.person("dora")
    await befriend(alice, bob, "bob@meton")
    await befriend(alice, charlie, "charlie@meton")
    post = await write(alice, visibility="friends")
    await alice.put("/v1/mutes/bob@meton", {})
    await charlie.put("/v1/blocks/bob@meton")
    await comment(bob, post, "@charlie @dora")
    assert [event for event in await outbox(database, "live") if event["type"].startswith("comment.")] == []
    assert await count(database, Comment) == 1


async def test_who_is_named_is_shown_to_those_who_see_them(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    post = await write(alice)
    made = await comment(alice, post, "@bob, @CHARLIE@meton and @nobody; not mail@bob.example")
    named = [{"id": str(person.id), "connect_id": person.connect_id} for person in (bob, charlie)]
    assert (await alice.get(f"/v1/comments/{made}"))["mentions"] == named
    await charlie.put("/v1/blocks/bob@meton")
    assert (await alice.get(f"/v1/comments/{made}"))["mentions"] == named
    assert (await bob.get(f"/v1/comments/{made}"))["mentions"] == named[:1]
    assert (await charlie.get(f"/v1/comments/{made}"))["mentions"] == named[1:]


async def test_people_say_who_may_name_them(alice: Person, bob: Person, database: Clone) -> None:
    post = await write(alice)
    await bob.call("PATCH", "/v1/me/settings", {"mentions_from": "followed"})
    made = await comment(alice, post, "@bob")
    assert (await alice.get(f"/v1/comments/{made}"))["mentions"] == []
    await bob.put("/v1/profiles/alice@meton/follow")
    made = await comment(alice, post, "@bob")
    assert [each["connect_id"] for each in (await alice.get(f"/v1/comments/{made}"))["mentions"]] == ["bob@meton"]
    assert await heard(database, alice, bob) == {"bob": "mentioned"}


async def test_repeating_it_makes_one_comment(alice: Person, database: Clone) -> None:
    path, key = f"/v1/posts/{await write(alice)}/comments", {"Idempotency-Key": "once"}
    first, again = [await alice.call("POST", path, {"text": "x"}, key) for _ in range(2)]
    assert (first.status, first.body) == (again.status, again.body)
    assert (await alice.call("POST", path, {"text": "y"}, key)).status == 422
    assert await count(database, Comment) == 1


async def test_fifty_at_once_are_all_counted(alice: Person, bob: Person, database: Clone) -> None:
    post = await write(alice)
    head, path = await comment(alice, post), f"/v1/posts/{post}/comments"
    heads, replies = await race(
        lambda: bob.call("POST", path, {"text": "x"}),
        lambda: bob.call("POST", path, {"text": "x", "parent_comment_id": head}),
    )
    assert {answer.status for answer in heads + replies} == {201}
    assert await comments_of(alice, post) == 101
    assert (await alice.get(f"/v1/comments/{head}"))["counts"]["replies"] == 50
    assert await are_exact(database)
