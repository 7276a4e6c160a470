"""The same request, fifty times at once under one Idempotency-Key: one effect and one answer, whichever route it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.models import (
    AudienceList,
    Comment,
    Follow,
    FollowRequest,
    FriendRequest,
    MediaItem,
    PollVote,
    Post,
    PostRevision,
    PostView,
)
from social_api.routes import ROUTES
from tests.social_api.conftest import House, Person
from tests.support import records
from tests.support.clones import Clone
from tests.support.friends import ask
from tests.support.racing import race

KEY = {"Idempotency-Key": "one-and-the-same"}
WORDS = {"type": "microblog", "caption": "words"}


@dataclass(frozen=True)
class Cast:
    """Who takes part."""

    house: House
    database: Clone
    alice: Person
    bob: Person


@dataclass(frozen=True)
class Request:
    """What Alice sends; `makes` says how many rows of a table there are more afterwards."""

    path: str
    body: Any = None
    makes: tuple[type[Any], int] | None = None


Prepare = Callable[[Cast], Awaitable[Request]]
REQUESTS: dict[tuple[str, str], Prepare] = {}


def request(method: str, path: str) -> Callable[[Prepare], Prepare]:
    """Enter what prepares for a route and says what to send to it."""

    def enter(prepare: Prepare) -> Prepare:
        REQUESTS[method, path] = prepare
        return prepare

    return enter


@request("PATCH", "/v1/me")
async def rename(cast: Cast) -> Request:
    return Request("/v1/me", {"display_name": "आलिया"})


@request("PATCH", "/v1/me/settings")
async def settle(cast: Cast) -> Request:
    return Request("/v1/me/settings", {"discoverable": False})


@request("POST", "/v1/me/deactivate")
async def leave(cast: Cast) -> Request:
    return Request("/v1/me/deactivate")


@request("POST", "/v1/me/verification")
async def prove(cast: Cast) -> Request:
    return Request("/v1/me/verification", {"provider": "Test", "token_id": "t", "document_token": "abcdefgh"})


@request("POST", "/v1/follow-requests/{follow_request_id}/approve")
async def let_in(cast: Cast) -> Request:
    return Request(f"/v1/follow-requests/{await _wants_in(cast)}/approve", makes=(Follow, 1))


@request("POST", "/v1/follow-requests/{follow_request_id}/reject")
async def keep_out(cast: Cast) -> Request:
    return Request(f"/v1/follow-requests/{await _wants_in(cast)}/reject", makes=(FollowRequest, -1))


async def _wants_in(cast: Cast) -> str:
    await cast.alice.put("/v1/me/privacy", {"is_private": True})
    await cast.bob.put(f"/v1/profiles/{cast.alice.connect_id}/follow")
    return str((await cast.alice.get("/v1/follow-requests"))["items"][0]["id"])


@request("POST", "/v1/friend-requests")
async def befriend(cast: Cast) -> Request:
    return Request("/v1/friend-requests", {"connect_id": cast.bob.connect_id}, (FriendRequest, 1))


@request("POST", "/v1/friend-requests/{friend_request_id}/accept")
async def accept(cast: Cast) -> Request:
    return Request(f"/v1/friend-requests/{(await ask(cast.bob, cast.alice.connect_id))['id']}/accept")


@request("POST", "/v1/friend-requests/{friend_request_id}/reject")
async def reject(cast: Cast) -> Request:
    return Request(f"/v1/friend-requests/{(await ask(cast.bob, cast.alice.connect_id))['id']}/reject")


@request("POST", "/v1/lists")
async def make_list(cast: Cast) -> Request:
    return Request("/v1/lists", {"name": "नाटक"}, (AudienceList, 1))


@request("PATCH", "/v1/lists/{list_id}")
async def rename_list(cast: Cast) -> Request:
    return Request(f"/v1/lists/{(await cast.alice.post('/v1/lists', {'name': 'Work'}))['id']}", {"name": "Play"})


@request("POST", "/v1/media")
async def upload(cast: Cast) -> Request:
    return Request("/v1/media", {"kind": "image", "mime_type": "image/png", "byte_size": 9}, (MediaItem, 1))


@request("POST", "/v1/media/{media_id}/complete")
async def complete(cast: Cast) -> Request:
    return Request(f"/v1/media/{await records.upload(cast.database, cast.alice.id, state='pending')}/complete")


@request("PATCH", "/v1/media/{media_id}")
async def describe(cast: Cast) -> Request:
    return Request(f"/v1/media/{await records.upload(cast.database, cast.alice.id)}", {"alt_text": "A red train"})


@request("POST", "/v1/posts")
async def write(cast: Cast) -> Request:
    return Request("/v1/posts", WORDS, (Post, 1))


@request("PATCH", "/v1/posts/{post_id}")
async def rewrite(cast: Cast) -> Request:
    return Request(f"/v1/posts/{await _post(cast.alice)}", {"caption": "other words"}, (PostRevision, 1))


@request("POST", "/v1/posts/{post_id}/publish")
async def publish(cast: Cast) -> Request:
    return Request(f"/v1/posts/{await _post(cast.alice, draft=True)}/publish")


@request("POST", "/v1/posts/{post_id}/poll/votes")
async def vote(cast: Cast) -> Request:
    closes = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    post = await _post(cast.bob, type="post", poll={"options": ["tea", "चाय"], "closes_at": closes})
    return Request(f"/v1/posts/{post}/poll/votes", {"options": [1]}, (PollVote, 1))


@request("POST", "/v1/views")
async def see(cast: Cast) -> Request:
    return Request("/v1/views", {"posts": [await _post(cast.bob)]}, (PostView, 1))


@request("POST", "/v1/posts/{post_id}/comments")
async def comment(cast: Cast) -> Request:
    return Request(f"/v1/posts/{await _post(cast.bob)}/comments", {"text": "नमस्ते"}, (Comment, 1))


@request("PATCH", "/v1/comments/{comment_id}")
async def reword(cast: Cast) -> Request:
    made = await cast.alice.post(f"/v1/posts/{await _post(cast.bob)}/comments", {"text": "नमस्ते"})
    return Request(f"/v1/comments/{made['id']}", {"text": "bye"})


@request("POST", "/v1/admin/verifications/{user_id}/decision")
async def decide(cast: Cast) -> Request:
    await cast.bob.post("/v1/me/verification", {"provider": "Test", "token_id": "t", "document_token": "abcdefgh"})
    return Request(f"/v1/admin/verifications/{cast.bob.id}/decision", {"approved": True})


async def _post(person: Person, **more: Any) -> str:
    return str((await person.post("/v1/posts", WORDS | more))["id"])


@pytest.fixture
async def cast(house: House, database: Clone, alice: Person, bob: Person) -> Cast:
    alice.token = house.realm.token(house.settings.issuer, "alice", roles=["member", "moderator"])
    return Cast(house, database, alice, bob)


def test_every_idempotent_route_is_raced() -> None:
    assert set(REQUESTS) == {(route.method, route.path) for route in ROUTES if route.idempotent}


@pytest.mark.parametrize("method_and_path", REQUESTS, ids=lambda key: f"{key[0]} {key[1]}")
async def test_fifty_times_at_once_is_done_once(cast: Cast, method_and_path: tuple[str, str]) -> None:
    method, _ = method_and_path
    sent = await REQUESTS[method_and_path](cast)
    table = sent.makes[0] if sent.makes else Post
    before = await records.count(cast.database, table)
    (answers,) = await race(lambda: cast.alice.call(method, sent.path, sent.body, KEY))
    done = [answer for answer in answers if answer.status < 300]
    # whoever has left is not signed in for the others of the fifty
    later = {409, 401} if sent.path == "/v1/me/deactivate" else {409}
    assert {answer.status for answer in answers if answer not in done} <= later
    assert len([answer for answer in done if "Idempotency-Replayed" not in answer.headers]) == 1
    assert all((answer.status, answer.body) == (done[0].status, done[0].body) for answer in done)
    assert await records.count(cast.database, table) - before == (sent.makes[1] if sent.makes else 0)
