"""A post that is not out: its author sees and changes it, and nobody does anything else with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.models import Comment, Like, SavedPost
from tests.social_api.conftest import Person
from tests.support.clones import Clone
from tests.support.records import change_post, count, now

DRAFT = {"draft": True, "published_at": None}
SCHEDULED = {"publish_at": datetime(2100, 1, 1, tzinfo=UTC), "published_at": None}
REMOVED = {"removed_at": datetime.now(UTC)}

COMMENTED = ("POST", "comments", {"text": "x"})
ACTS = [
    COMMENTED,
    ("PUT", "like", None),
    ("DELETE", "like", None),
    ("PUT", "save", None),
    ("DELETE", "save", None),
    ("POST", "poll/votes", {"options": [0]}),
]


@pytest.mark.parametrize("columns", [DRAFT, SCHEDULED, REMOVED])
async def test_for_these_it_does_not_exist_for_its_author_either(
    alice: Person, database: Clone, columns: dict[str, Any]
) -> None:
    poll = {"options": ["हाँ", "नहीं"], "closes_at": (await now(database) + timedelta(days=1)).isoformat()}
    post = (await alice.post("/v1/posts", {"caption": "चाय?", "poll": poll}))["id"]
    never = await alice.call("GET", "/v1/nothing-of-this-name")
    await change_post(database, post, **columns)
    for method, path, body in ACTS:
        answer = await alice.call(method, f"/v1/posts/{post}/{path}", body)
        assert (answer.status, {**answer.body, "instance": ""}) == (404, {**never.body, "instance": ""}), path
    await alice.call("POST", "/v1/views", {"posts": [post]})
    seen = await alice.get(f"/v1/posts/{post}")
    assert seen["counts"] == {"likes": 0, "comments": 0, "views": 0, "reposts": 0}
    assert seen["poll"]["voters"] == 0
    assert [await count(database, table) for table in (Comment, Like, SavedPost)] == [0, 0, 0]


async def test_a_comment_on_a_removed_post_is_not_liked(alice: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    method, path, body = COMMENTED
    comment = (await alice.call(method, f"/v1/posts/{post['id']}/{path}", body)).body
    await change_post(database, post["id"], **REMOVED)
    assert (await alice.call("PUT", f"/v1/comments/{comment['id']}/like")).status == 404
    assert await count(database, Like) == 0
