"""POST /v1/posts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from db.models import Post
from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.records import count, upload

NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"


async def test_words_are_published_at_once(alice: Person) -> None:
    answer = await alice.call("POST", "/v1/posts", {"type": "microblog", "caption": "  नमस्ते दुनिया  "})
    assert answer.status == 201
    post = answer.body
    assert (post["type"], post["caption"], post["visibility"]) == ("microblog", "नमस्ते दुनिया", "public")
    assert post["state"] == "published"
    assert post["published_at"] is not None
    assert post["author"]["connect_id"] == "alice@meton"
    assert post["viewer"] == {
        "author": True,
        "liked": False,
        "saved": False,
        "may_reply": True,
        "reposted": False,
        "voted": False,
    }
    assert post["counts"] == {"likes": 0, "comments": 0, "views": 0, "reposts": 0}
    assert post["media"] == []
    assert await alice.get(f"/v1/posts/{post['id']}") == post


async def test_the_language_is_the_authors_unless_given(alice: Person) -> None:
    await alice.call("PATCH", "/v1/me", {"language": "en"})
    assert (await alice.post("/v1/posts", {"caption": "x"}))["language"] == "en"
    assert (await alice.post("/v1/posts", {"caption": "x", "language": "hi"}))["language"] == "hi"
    assert (await alice.post("/v1/posts", {"caption": "x", "language": "pa-Guru"}))["language"] == "pa-Guru"


@pytest.mark.parametrize(
    ("kind", "type_"), [("image", "photo"), ("video", "video"), ("video", "reel"), ("image", "post")]
)
async def test_media_that_are_ready_are_published_at_once(
    alice: Person, database: Clone, kind: str, type_: str
) -> None:
    media_id = await upload(database, alice.id, kind)
    post = await alice.post("/v1/posts", {"type": type_, "media": [str(media_id)]})
    assert post["state"] == "published"
    assert [item["id"] for item in post["media"]] == [str(media_id)]
    assert post["media"][0]["links"] is not None


async def test_media_are_shown_in_the_order_given(alice: Person, database: Clone) -> None:
    media = [str(await upload(database, alice.id)) for _ in range(10)]
    order = media[5:] + media[:5]
    post = await alice.post("/v1/posts", {"type": "photo", "media": order})
    assert [item["id"] for item in post["media"]] == order


@pytest.mark.parametrize("state", ["pending", "processing"])
async def test_a_post_waits_for_media_and_only_its_author_sees_it(
    alice: Person, bob: Person, database: Clone, state: str
) -> None:
    ready = await upload(database, alice.id)
    waiting = await upload(database, alice.id, state=state)
    post = await alice.post("/v1/posts", {"type": "photo", "media": [str(ready), str(waiting)]})
    assert (post["state"], post["published_at"]) == ("processing", None)
    assert [item["state"] for item in post["media"]] == ["done", state]
    assert (await bob.call("GET", f"/v1/posts/{post['id']}")).status == 404
    assert (await bob.call("GET", f"/v1/media/{ready}")).status == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/caption"),
        ({"caption": "   "}, "/caption"),
        ({"type": "microblog"}, "/caption"),
        ({"type": "microblog", "caption": "अ" * 501}, "/caption"),
        ({"type": "microblog", "caption": "x", "media": [NOT_THERE]}, "/media"),
        ({"caption": "x" * 5001}, "/caption"),
        ({"caption": "nul\u0000"}, "/caption"),
        ({"type": "photo", "caption": "x"}, "/media"),
        ({"type": "photo", "media": [f"0192d1f3-0000-7000-8000-{n:012d}" for n in range(11)]}, "/media"),
        ({"type": "video", "media": []}, "/media"),
        ({"type": "reel", "media": [NOT_THERE, "0192d1f3-0000-7000-8000-000000000001"]}, "/media"),
        ({"type": "post", "media": [NOT_THERE, NOT_THERE]}, "/media"),
        ({"caption": "x", "media": ["x"]}, "/media/0"),
        ({"caption": "x", "type": "story"}, "/type"),
        ({"caption": "x", "visibility": "everyone"}, "/visibility"),
        ({"caption": "x", "language": "no such language"}, "/language"),
        ({"caption": "x", "user_id": NOT_THERE}, "/user_id"),
        ({"caption": "x", "published_at": "2020-01-01T00:00:00Z"}, "/published_at"),
    ],
)
async def test_what_makes_no_post_is_refused_and_named(
    alice: Person, database: Clone, body: dict[str, Any], pointer: str
) -> None:
    answer = await alice.call("POST", "/v1/posts", body)
    assert answer.status == 422
    assert [error["pointer"] for error in answer.body["errors"]] == [pointer]
    assert await count(database, Post) == 0


async def test_a_microblog_of_five_hundred_characters_is_short_enough(alice: Person) -> None:
    assert (await alice.call("POST", "/v1/posts", {"type": "microblog", "caption": "अ" * 500})).status == 201


@pytest.mark.parametrize(("kind", "type_"), [("video", "photo"), ("image", "video"), ("image", "reel")])
async def test_media_of_the_wrong_kind_are_refused(alice: Person, database: Clone, kind: str, type_: str) -> None:
    media_id = await upload(database, alice.id, kind)
    answer = await alice.call("POST", "/v1/posts", {"type": type_, "media": [str(media_id)]})
    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/media")
    assert await count(database, Post) == 0


async def test_media_that_are_not_ones_own_are_one_problem_and_nothing_is_written(
    alice: Person, bob: Person, database: Clone
) -> None:
    own, foreign, used = [str(await upload(database, owner.id)) for owner in (alice, bob, alice)]
    await alice.post("/v1/posts", {"type": "photo", "media": [used]})
    problems = []
    for other in (foreign, NOT_THERE, used):
        answer = await alice.call("POST", "/v1/posts", {"type": "photo", "media": [own, other]})
        assert answer.status == 422
        problems.append({**answer.body, "instance": ""})
    assert problems[0]["type"].endswith("/problems/media-not-usable")
    assert problems[0] == problems[1] == problems[2]
    assert await count(database, Post) == 1
    assert (await alice.call("POST", "/v1/posts", {"type": "photo", "media": [own]})).status == 201


async def test_media_that_failed_are_refused_with_the_reason(alice: Person, database: Clone) -> None:
    media_id = await upload(database, alice.id, "video", "failed", failure="The file was cut short.")
    answer = await alice.call("POST", "/v1/posts", {"type": "video", "media": [str(media_id)]})
    assert answer.status == 422
    assert answer.body["type"].endswith("/problems/media-failed")
    assert answer.body["reason"] == "The file was cut short."


@pytest.mark.parametrize(("seconds", "status"), [(90, 201), (91, 422)])
async def test_a_reel_has_at_most_ninety_seconds(alice: Person, database: Clone, seconds: int, status: int) -> None:
    media_id = await upload(database, alice.id, "video", duration_sec=seconds)
    answer = await alice.call("POST", "/v1/posts", {"type": "reel", "media": [str(media_id)]})
    assert answer.status == status


async def test_it_is_for_people_who_are_signed_in(house: House) -> None:
    assert (await house.nobody.call("POST", "/v1/posts", {"caption": "x"})).status == 401


async def test_the_same_key_makes_one_post(alice: Person, database: Clone) -> None:
    key = {"Idempotency-Key": "once"}
    calls = [alice.call("POST", "/v1/posts", {"caption": "x"}, key) for _ in range(10)]
    made = {answer.body["id"] for answer in await asyncio.gather(*calls) if answer.status == 201}
    assert len(made) == 1
    assert await count(database, Post) == 1


async def test_a_file_goes_into_one_post_whatever_races(alice: Person, database: Clone) -> None:
    one, other = str(await upload(database, alice.id)), str(await upload(database, alice.id))
    orders = [[one, other], [other, one]] * 15
    calls = [alice.call("POST", "/v1/posts", {"type": "photo", "media": order}) for order in orders]
    statuses = [answer.status for answer in await asyncio.gather(*calls)]
    assert sorted(set(statuses)) == [201, 422]
    assert statuses.count(201) == 1
    assert await count(database, Post) == 1
