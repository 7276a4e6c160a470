"""DELETE /v1/posts/{post_id}."""

from __future__ import annotations

import asyncio

import pytest

from db.models import Post
from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.records import count, upload

NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"


async def test_it_is_gone_for_everyone_and_from_the_feed(alice: Person, bob: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    assert (await alice.call("DELETE", f"/v1/posts/{post['id']}")).status == 204
    for person in (alice, bob):
        assert (await person.call("GET", f"/v1/posts/{post['id']}")).status == 404
    assert (await alice.get("/v1/feed"))["items"] == []


async def test_its_media_are_gone_for_others(alice: Person, bob: Person, database: Clone) -> None:
    media_id = str(await upload(database, alice.id))
    post = await alice.post("/v1/posts", {"type": "photo", "media": [media_id]})
    await alice.delete(f"/v1/posts/{post['id']}")
    assert (await bob.call("GET", f"/v1/media/{media_id}")).status == 404


async def test_the_row_stays_for_what_hangs_on_it(alice: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    await alice.delete(f"/v1/posts/{post['id']}")
    assert await count(database, Post) == 1


async def test_the_post_of_someone_else_stays(alice: Person, bob: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    hidden = await alice.post("/v1/posts", {"caption": "x", "visibility": "friends"})
    assert (await bob.call("DELETE", f"/v1/posts/{post['id']}")).status == 403
    assert (await bob.call("DELETE", f"/v1/posts/{hidden['id']}")).status == 404
    for each in (post, hidden):
        assert (await alice.call("GET", f"/v1/posts/{each['id']}")).status == 200


async def test_of_many_at_once_one_deletes(alice: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    answers = await asyncio.gather(*(alice.call("DELETE", f"/v1/posts/{post['id']}") for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [204] + [404] * 19


@pytest.mark.parametrize("post_id", [NOT_THERE, "x", "1"])
async def test_what_does_not_exist_is_not_found(alice: Person, post_id: str) -> None:
    assert (await alice.call("DELETE", f"/v1/posts/{post_id}")).status == 404


async def test_it_is_for_people_who_are_signed_in(house: House, alice: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    assert (await house.nobody.call("DELETE", f"/v1/posts/{post['id']}")).status == 401
