"""PUT and DELETE /v1/comments/{comment_id}/pin and …/hidden."""

from __future__ import annotations

import asyncio

import pytest

from db.models import Outbox
from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.comments import comment, texts, write
from tests.support.racing import race
from tests.support.records import count

NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"

every_verb = pytest.mark.parametrize("verb", ["PUT pin", "DELETE pin", "PUT hidden", "DELETE hidden"])


async def call(person: Person, verb: str, made: str) -> tuple[int, str | None]:
    method, end = verb.split()
    answer = await person.call(method, f"/v1/comments/{made}/{end}")
    return answer.status, answer.body["type"].rpartition("/")[2] if answer.body else None


async def test_pinned_comments_come_first_last_pinned_before_the_others(alice: Person, bob: Person) -> None:
    post = await write(alice)
    made = {text: await comment(bob, post, text) for text in "abcde"}
    for text in "bd":
        assert await call(alice, "PUT pin", made[text]) == (204, None)
    assert await texts(bob, f"/v1/posts/{post}/comments?sort=newest") == ["d", "b", "e", "c", "a"]
    assert (await bob.get(f"/v1/comments/{made['b']}"))["pinned"] is True
    assert await call(alice, "DELETE pin", made["d"]) == (204, None)
    assert await texts(bob, f"/v1/posts/{post}/comments?sort=newest") == ["b", "e", "d", "c", "a"]


async def test_three_can_be_pinned(alice: Person) -> None:
    post = await write(alice)
    made = [await comment(alice, post, text) for text in "abcd"]
    for each in made[:3]:
        assert await call(alice, "PUT pin", each) == (204, None)
    assert await call(alice, "PUT pin", made[3]) == (409, "pins-used-up")
    assert await call(alice, "PUT pin", made[2]) == (204, None)
    await alice.delete(f"/v1/comments/{made[0]}")
    assert await call(alice, "PUT pin", made[3]) == (204, None)
    elsewhere = await comment(alice, await write(alice))
    assert await call(alice, "PUT pin", elsewhere) == (204, None)


async def test_answers_and_hidden_comments_cannot_be_pinned(alice: Person, bob: Person) -> None:
    post = await write(alice)
    head = await comment(bob, post)
    reply = await comment(bob, post, "x", head)
    assert await call(alice, "PUT pin", reply) == (409, "cannot-be-pinned")
    await alice.put(f"/v1/comments/{head}/hidden")
    assert await call(alice, "PUT pin", head) == (409, "cannot-be-pinned")
    for each in (reply, head):
        assert (await alice.get(f"/v1/comments/{each}"))["viewer"]["may_pin"] is False


async def test_hiding_ends_a_pin_and_showing_again_does_not_renew_it(alice: Person, bob: Person) -> None:
    post = await write(alice)
    made = await comment(bob, post)
    await alice.put(f"/v1/comments/{made}/pin")
    assert await call(alice, "PUT hidden", made) == (204, None)
    seen = await bob.get(f"/v1/comments/{made}")
    assert (seen["hidden"], seen["pinned"]) == (True, False)
    assert await call(alice, "DELETE hidden", made) == (204, None)
    seen = await bob.get(f"/v1/comments/{made}")
    assert (seen["hidden"], seen["pinned"]) == (False, False)


@every_verb
async def test_all_can_be_repeated_and_nobody_is_told(alice: Person, bob: Person, database: Clone, verb: str) -> None:
    made = await comment(bob, await write(alice))
    before = await count(database, Outbox)
    for _ in range(2):
        assert await call(alice, verb, made) == (204, None)
    assert await count(database, Outbox) == before


@every_verb
async def test_only_the_author_of_the_post_may(alice: Person, bob: Person, charlie: Person, verb: str) -> None:
    made = await comment(bob, await write(alice))
    for person in (bob, charlie):
        assert await call(person, verb, made) == (403, "forbidden")
    await bob.put("/v1/blocks/charlie@meton")
    for person, each in ((charlie, made), (alice, NOT_THERE), (alice, "x")):
        assert await call(person, verb, each) == (404, "not-found")
    seen = await alice.get(f"/v1/comments/{made}")
    assert (seen["pinned"], seen["hidden"]) == (False, False)


@every_verb
async def test_what_is_deleted_is_not_found(alice: Person, verb: str) -> None:
    post = await write(alice)
    deleted, on_deleted = await comment(alice, post), await comment(alice, post)
    await alice.delete(f"/v1/comments/{deleted}")
    assert await call(alice, verb, deleted) == (404, "not-found")
    await alice.delete(f"/v1/posts/{post}")
    assert await call(alice, verb, on_deleted) == (404, "not-found")


@every_verb
async def test_it_is_for_people_who_are_signed_in(house: House, alice: Person, verb: str) -> None:
    method, end = verb.split()
    made = await comment(alice, await write(alice))
    assert (await house.nobody.call(method, f"/v1/comments/{made}/{end}")).status == 401


async def test_of_many_pins_at_once_three_stay(alice: Person) -> None:
    post = await write(alice)
    made = [await comment(alice, post) for _ in range(10)]
    answers = await asyncio.gather(*(call(alice, "PUT pin", each) for each in made * 5))
    assert set(answers) == {(204, None), (409, "pins-used-up")}
    seen = (await alice.get(f"/v1/posts/{post}/comments"))["items"]
    assert [each["pinned"] for each in seen] == [True] * 3 + [False] * 7


async def test_what_is_pinned_and_hidden_at_once_is_not_both(alice: Person) -> None:
    made = await comment(alice, await write(alice))
    pins, hides = await race(
        lambda: alice.call("PUT", f"/v1/comments/{made}/pin"), lambda: alice.call("PUT", f"/v1/comments/{made}/hidden")
    )
    assert {answer.status for answer in pins} <= {204, 409}
    assert {answer.status for answer in hides} == {204}
    seen = await alice.get(f"/v1/comments/{made}")
    assert (seen["pinned"], seen["hidden"]) == (False, True)
