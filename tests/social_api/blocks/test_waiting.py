"""Whoever waits to change something between two people, and is blocked meanwhile, is too late."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from db import pairs
from db.models import Follow, FollowRequest, FriendRequest
from tests.social_api.conftest import Person
from tests.support import graph
from tests.support.api import Answer
from tests.support.clones import Clone
from tests.support.records import count, outbox
from tests.support.waiting import eventually

WAITING = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND NOT granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
BLOCK = "INSERT INTO blocks (blocker_id, blocked_id) VALUES ($1, $2)"


async def change_as_blocked(database: Clone, person: Person, blocker: Person, *asked: Any) -> Answer:
    """What a change, method, path and body, is answered that has found `blocker` and waits when the block is made."""

    async def waiting() -> bool:
        async with database.reading() as tx:
            return bool(await tx.connection.fetchval(WAITING))

    async with database.transaction() as tx:
        await pairs.lock(tx, person.id, blocker.id)
        change = asyncio.create_task(person.call(*asked))
        await eventually(waiting)
        await tx.connection.execute(BLOCK, blocker.id, person.id)
    return await change


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/v1/profiles/bob@meton/follow"),
        ("DELETE", "/v1/profiles/bob@meton/follow"),
        ("DELETE", "/v1/profiles/bob@meton/follower"),
        ("POST", "/v1/friend-requests"),
        ("DELETE", "/v1/friends/bob@meton"),
    ],
)
async def test_nothing_begins_or_ends(alice: Person, bob: Person, database: Clone, method: str, path: str) -> None:
    body = {"connect_id": "bob@meton"} if method == "POST" else None
    assert (await change_as_blocked(database, alice, bob, method, path, body)).status == 404
    assert [await count(database, table) for table in (Follow, FollowRequest, FriendRequest)] == [0, 0, 0]
    assert await outbox(database, "live") == []


async def test_nobody_is_approved(alice: Person, bob: Person, database: Clone) -> None:
    await graph.request_follow(database, bob.id, alice.id)
    [request] = (await alice.get("/v1/follow-requests"))["items"]
    path = f"/v1/follow-requests/{request['id']}/approve"
    assert (await change_as_blocked(database, alice, bob, "POST", path)).status == 404
    assert await count(database, Follow) == 0


async def test_nobody_is_accepted(alice: Person, bob: Person, database: Clone) -> None:
    await graph.friends(database, bob.id, alice.id, "pending")
    [request] = (await alice.get("/v1/friend-requests"))["items"]
    path = f"/v1/friend-requests/{request['id']}/accept"
    assert (await change_as_blocked(database, alice, bob, "POST", path)).status == 404
    assert await outbox(database, "friendship.accepted") == []
