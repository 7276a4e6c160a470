"""POST /v1/posts/{post_id}/publish, and GET /v1/posts, where one's own posts wait until then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.social_api.conftest import Person
from tests.support.api import Answer
from tests.support.clones import Clone
from tests.support.racing import race
from tests.support.records import now, outbox, upload


async def publish(person: Person, post: dict[str, Any]) -> Answer:
    return await person.call("POST", f"/v1/posts/{post['id']}/publish")


async def waiting(person: Person, state: str) -> list[str]:
    return [post["id"] for post in (await person.get(f"/v1/posts?state={state}"))["items"]]


async def test_a_draft_is_published_once_whatever_races(alice: Person, bob: Person, database: Clone) -> None:
    draft = await alice.post("/v1/posts", {"draft": True, "caption": "x"})
    [answers] = await race(lambda: publish(alice, draft), times=20)
    assert {answer.status for answer in answers} == {200}
    assert await outbox(database, "post.published") == [{"post_id": draft["id"]}]
    seen = await bob.get(f"/v1/posts/{draft['id']}")
    assert (seen["state"], seen["draft"]) == ("published", False)


async def test_a_draft_that_lacks_something_stays_one(alice: Person, database: Clone) -> None:
    failed = str(await upload(database, alice.id, "video", "failed", failure="Cut short."))
    drafts = [
        await alice.post("/v1/posts", {"draft": True} | body)
        for body in ({"type": "photo"}, {}, {"type": "video", "media": [failed]})
    ]
    assert {(await publish(alice, draft)).status for draft in drafts} == {422}
    assert len(await waiting(alice, "draft")) == 3


async def test_a_draft_waits_for_its_media(alice: Person, database: Clone) -> None:
    media_id = str(await upload(database, alice.id, state="processing"))
    draft = await alice.post("/v1/posts", {"draft": True, "type": "photo", "media": [media_id]})
    answer = await publish(alice, draft)
    assert (answer.body["state"], answer.body["draft"]) == ("processing", False)
    assert await waiting(alice, "processing") == [draft["id"]]
    assert await outbox(database, "post.published") == []


async def test_a_time_is_given_moved_and_taken_away(alice: Person, database: Clone) -> None:
    moment = await now(database)
    soon, later = ((moment + timedelta(hours=hours)).isoformat() for hours in (1, 2))
    draft = await alice.post("/v1/posts", {"draft": True, "caption": "x"})
    address = f"/v1/posts/{draft['id']}"
    for publish_at, state in ((soon, "scheduled"), (later, "scheduled"), (None, "draft"), (soon, "scheduled")):
        changed = (await alice.call("PATCH", address, {"publish_at": publish_at})).body
        assert (changed["state"], changed["publish_at"] is None) == (state, publish_at is None)
        assert await waiting(alice, state) == [draft["id"]]
    published = (await publish(alice, draft)).body
    assert (published["state"], published["publish_at"]) == ("published", None)
    assert await waiting(alice, "scheduled") == await waiting(alice, "draft") == []


async def test_an_incomplete_draft_gets_no_time(alice: Person, database: Clone) -> None:
    draft = await alice.post("/v1/posts", {"draft": True})
    soon = (await now(database) + timedelta(hours=1)).isoformat()
    assert (await alice.call("PATCH", f"/v1/posts/{draft['id']}", {"publish_at": soon})).status == 422
    assert await waiting(alice, "draft") == [draft["id"]]


async def test_nobody_else_publishes_or_lists_it(alice: Person, bob: Person) -> None:
    draft = await alice.post("/v1/posts", {"draft": True, "caption": "x"})
    post = await alice.post("/v1/posts", {"caption": "x"})
    assert (await publish(bob, draft)).status == 404
    assert (await publish(bob, post)).status == 403
    assert (await publish(alice, post)).body["published_at"] == post["published_at"]
    assert await waiting(bob, "draft") == []


async def test_what_waits_is_listed_newest_first_by_pages(alice: Person) -> None:
    drafts = [(await alice.post("/v1/posts", {"draft": True, "caption": str(n)}))["id"] for n in range(3)]
    first = await alice.get("/v1/posts?limit=2")
    second = await alice.get(f"/v1/posts?limit=2&cursor={first['next']}")
    assert [post["id"] for post in first["items"] + second["items"]] == drafts[::-1]
    assert second["next"] is None
    assert (await alice.call("GET", "/v1/posts?state=published")).status == 422
