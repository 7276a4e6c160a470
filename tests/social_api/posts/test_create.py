"""POST /v1/posts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.models import Post
from social_api.auth import Actor
from social_api.media.links import LinkSigner
from social_api.posts import handlers
from social_api.posts.schemas import NewPost
from tests.social_api.conftest import House, Person
from tests.support import graph
from tests.support.clones import Clone
from tests.support.records import count, now, outbox, set_status, upload

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


async def test_hashtags_and_mentions_are_found_in_the_caption(alice: Person, bob: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "#Hills and #पहाड़ with @bob, @BOB@meton and @nobody"})
    assert post["hashtags"] == ["hills", "पहाड\u093c"]
    assert post["mentions"] == [{"id": str(bob.id), "connect_id": "bob@meton"}]
    assert await outbox(database, "post.published") == [{"post_id": post["id"]}]


@pytest.mark.parametrize(
    ("allowed", "follows", "is_named"),
    [("everyone", False, True), ("followed", False, False), ("followed", True, True), ("nobody", True, False)],
)
async def test_people_say_who_may_mention_them(
    alice: Person, bob: Person, database: Clone, *, allowed: str, follows: bool, is_named: bool
) -> None:
    await graph.change(database, bob.id, settings={"mentions_from": allowed})
    if follows:
        await graph.follow(database, bob.id, alice.id)
    assert bool((await alice.post("/v1/posts", {"caption": "with @bob"}))["mentions"]) is is_named


async def test_people_who_are_not_there_for_each_other_are_not_mentioned(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    await graph.block(database, bob.id, alice.id)
    await set_status(database, charlie.id, "suspended")
    assert (await alice.post("/v1/posts", {"caption": "@bob @charlie"}))["mentions"] == []


async def test_a_mention_is_not_shown_to_those_who_do_not_see_the_person(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    post = await alice.post("/v1/posts", {"caption": "with @bob"})
    await graph.block(database, charlie.id, bob.id)
    assert (await charlie.get(f"/v1/posts/{post['id']}"))["mentions"] == []


async def test_what_is_left_out_is_as_the_settings_say(alice: Person, database: Clone) -> None:
    defaults = {"default_visibility": "closefriends", "default_replies": "nobody"}
    await graph.change(database, alice.id, settings=defaults)
    plain = await alice.post("/v1/posts", {"caption": "x"})
    said = await alice.post("/v1/posts", {"caption": "x", "visibility": "public", "replies": "mentioned"})
    assert [(post["visibility"], post["replies"]) for post in (plain, said)] == [
        ("closefriends", "nobody"),
        ("public", "mentioned"),
    ]


async def test_a_post_for_a_list_needs_one_of_ones_own(alice: Person, bob: Person) -> None:
    own, foreign = [(await person.post("/v1/lists", {"name": "Team"}))["id"] for person in (alice, bob)]
    post = await alice.post("/v1/posts", {"caption": "x", "visibility": "custom", "audience_list_id": own})
    assert (post["visibility"], post["audience_list_id"]) == ("custom", own)
    for body in (
        {"visibility": "custom"},
        {"visibility": "custom", "audience_list_id": foreign},
        {"visibility": "custom", "audience_list_id": NOT_THERE},
        {"visibility": "public", "audience_list_id": own},
        {"audience_list_id": own},
    ):
        answer = await alice.call("POST", "/v1/posts", {"caption": "x"} | body)
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/audience_list_id"), body


async def test_where_it_is_from_is_kept_to_a_hundredth_of_a_degree(alice: Person, database: Clone) -> None:
    place = {"name": " Shimla ", "latitude": 31.104814, "longitude": 77.173404}
    post = await alice.post("/v1/posts", {"caption": "x", "location": place})
    assert post["location"] == {"name": "Shimla", "latitude": 31.1, "longitude": 77.17}
    async with database.reading() as tx:
        stored = await tx.connection.fetchval("SELECT meta::text FROM posts")
    assert "31.10" not in stored
    for part in ({"latitude": 91}, {"longitude": -181}, {"name": ""}, {"name": "x" * 101}):
        answer = await alice.call("POST", "/v1/posts", {"caption": "x", "location": place | part})
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, f"/location/{next(iter(part))}")


async def test_a_poll_is_asked(alice: Person, bob: Person, database: Clone) -> None:
    closes_at = (await now(database) + timedelta(days=1)).isoformat()
    poll = {"options": ["Tea", " चाय "], "closes_at": closes_at}
    post = await alice.post("/v1/posts", {"caption": "Which?", "poll": poll})
    assert [option["text"] for option in post["poll"]["options"]] == ["Tea", "चाय"]
    assert [option["votes"] for option in post["poll"]["options"]] == [0, 0]
    seen = (await bob.get(f"/v1/posts/{post['id']}"))["poll"]
    assert [option["votes"] for option in seen["options"]] == [None, None]
    assert (seen["voters"], seen["voted"], seen["multiple"]) == (0, [], False)


@pytest.mark.parametrize(
    ("part", "pointer"),
    [
        ({"options": ["one"]}, "/poll/options"),
        ({"options": ["one"] * 2}, "/poll/options"),
        ({"options": ["one", "  "]}, "/poll/options"),
        ({"options": [str(n) for n in range(11)]}, "/poll/options"),
        ({"options": ["one", "x" * 101]}, "/poll/options/1"),
        ({"closes_at": "2020-01-01T00:00:00Z"}, "/poll/closes_at"),
        ({"closes_at": "2100-01-01T00:00:00Z"}, "/poll/closes_at"),
        ({"closes_at": "2100-01-01T00:00:00"}, "/poll/closes_at"),
    ],
)
async def test_a_poll_that_is_none_is_refused(
    alice: Person, database: Clone, part: dict[str, Any], pointer: str
) -> None:
    closes_at = (await now(database) + timedelta(days=1)).isoformat()
    body = {"caption": "Which?", "poll": {"options": ["a", "b"], "closes_at": closes_at} | part}
    answer = await alice.call("POST", "/v1/posts", body)
    assert answer.status == 422
    assert answer.body["errors"][0]["pointer"].startswith(pointer)
    assert await count(database, Post) == 0


async def test_a_draft_is_for_its_author_and_may_be_incomplete(alice: Person, bob: Person, database: Clone) -> None:
    draft = await alice.post("/v1/posts", {"type": "photo", "draft": True, "caption": "with @bob #soon"})
    assert (draft["state"], draft["draft"], draft["published_at"]) == ("draft", True, None)
    assert (await bob.call("GET", f"/v1/posts/{draft['id']}")).status == 404
    assert (await alice.get("/v1/hashtags/soon/posts"))["items"] == []
    assert (await bob.get("/v1/mentions"))["items"] == []
    assert await outbox(database, "post.published") == []
    long = {"type": "microblog", "draft": True, "caption": "x" * 501}
    assert (await alice.call("POST", "/v1/posts", long)).status == 422


async def test_a_scheduled_post_waits_for_its_time(alice: Person, bob: Person, database: Clone) -> None:
    moment = await now(database)
    later = (moment + timedelta(hours=1)).isoformat()
    post = await alice.post("/v1/posts", {"caption": "x", "publish_at": later})
    assert (post["state"], post["published_at"]) == ("scheduled", None)
    assert datetime.fromisoformat(post["publish_at"]) == moment + timedelta(hours=1)
    assert (await bob.call("GET", f"/v1/posts/{post['id']}")).status == 404
    for wrong in ({"publish_at": moment.isoformat()}, {"publish_at": (moment + timedelta(days=366)).isoformat()}):
        answer = await alice.call("POST", "/v1/posts", {"caption": "x"} | wrong)
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/publish_at")
    both = {"caption": "x", "publish_at": later, "draft": True}
    assert (await alice.call("POST", "/v1/posts", both)).status == 422
    assert (await alice.call("POST", "/v1/posts", {"publish_at": later})).status == 422


async def test_a_reel_is_upright(alice: Person, database: Clone) -> None:
    lying = await upload(database, alice.id, "video", width=1920, height=1080)
    upright = await upload(database, alice.id, "video", width=1080, height=1920)
    assert (await alice.call("POST", "/v1/posts", {"type": "reel", "media": [str(lying)]})).status == 422
    assert (await alice.call("POST", "/v1/posts", {"type": "reel", "media": [str(upright)]})).status == 201


@pytest.mark.parametrize(
    "more",
    [
        {"draft": True},
        {"publish_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()},
        {"replies": "followers", "visibility": "friends", "language": "hi"},
        {"location": {"name": "पुणे", "latitude": 18.52, "longitude": 73.86}},
        {"poll": {"options": ["tea", "चाय"], "closes_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()}},
    ],
    ids=lambda more: next(iter(more)),
)
async def test_what_was_made_is_answered_as_it_is_shown(alice: Person, more: dict[str, Any]) -> None:
    await alice.call("PATCH", "/v1/me", {"display_name": "ऐलिस"})
    post = await alice.post("/v1/posts", {"caption": "#बारिश"} | more)
    assert post == await alice.get(f"/v1/posts/{post['id']}")


@pytest.mark.parametrize(("caption", "statements"), [("#a and #b", 1), ("#a with @bob", 3)])
async def test_a_post_of_words_takes_one_statement_and_with_mentions_three(
    alice: Person, bob: Person, database: Clone, caption: str, statements: int
) -> None:
    actor = Actor(alice.id, "", alice.connect_id, frozenset(), None, "en")
    async with (await database.as_role("social_api")).transaction() as tx:
        await handlers.create(actor, tx, NewPost(caption=caption), LinkSigner("http://meton.test", b"key"), "request")
        assert tx.statements == statements


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
