"""Scheduled posts appear when their time has come."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from db.engine import Database, Statement
from db.models import Post
from event_worker.looping import Loop
from event_worker.schedule import BATCH, publish_due
from tests.event_worker.conftest import person, post
from tests.support.clones import Clone
from tests.support.records import change_media, outbox, told, upload
from tests.support.waiting import eventually

PAST, FUTURE = datetime.now(UTC) - timedelta(minutes=1), datetime.now(UTC) + timedelta(hours=1)


async def waiting(database: Clone, author: UUID, **columns: Any) -> UUID:
    return await post(database, author, **{"published_at": None, "publish_at": PAST, **columns})


async def published(database: Clone) -> set[UUID]:
    async with database.reading() as tx:
        return {row["id"] for row in await tx.rows(Statement(select(Post.id).where(Post.published_at.is_not(None))))}


async def test_what_is_due_is_published_and_announced_once(own: Database, database: Clone) -> None:
    alice = await person(database)
    due = await waiting(database, alice)
    await waiting(database, alice, publish_at=FUTURE)
    for _ in range(2):
        assert not await publish_due(own)
    assert await published(database) == {due}
    assert await outbox(database, "post.published") == [{"post_id": str(due)}]
    assert await told(database, "post.published") == [
        {"type": "post.published", "users": [str(alice)], "payload": {"post_id": str(due)}}
    ]


async def test_it_is_published_now_and_not_when_it_was_due(own: Database, database: Clone) -> None:
    post_id = await waiting(database, await person(database))
    before = datetime.now(UTC)
    await publish_due(own)
    async with database.reading() as tx:
        at: datetime = await tx.value(Statement(select(Post.published_at).where(Post.id == post_id)))
    assert at >= before - timedelta(seconds=1)


@pytest.mark.parametrize("columns", [{"draft": True}, {"deleted_at": PAST}, {"removed_at": PAST}, {"publish_at": None}])
async def test_drafts_and_what_is_gone_wait(own: Database, database: Clone, columns: dict[str, Any]) -> None:
    await waiting(database, await person(database), **columns)
    await publish_due(own)
    assert await published(database) == set()


async def test_a_post_waits_for_all_of_its_media(own: Database, database: Clone) -> None:
    alice = await person(database)
    post_id = await waiting(database, alice, type="photo")
    await upload(database, alice, post_id=post_id)
    slow = await upload(database, alice, "video", "processing", post_id=post_id)
    await publish_due(own)
    assert await published(database) == set()
    await change_media(database, slow, transcoding_status="done")
    await publish_due(own)
    assert await published(database) == {post_id}


async def test_two_at_once_publish_everything_once(own: Database, database: Clone) -> None:
    alice = await person(database)
    posts = {await waiting(database, alice) for _ in range(BATCH + 20)}

    async def all_due() -> None:
        while await publish_due(own):
            pass

    await asyncio.gather(*(all_due() for _ in range(4)))
    await all_due()
    assert await published(database) == posts
    assert len(await outbox(database, "post.published")) == len(posts)


async def test_the_loop_finds_by_itself_what_becomes_due_and_stops_when_told(own: Database, database: Clone) -> None:
    loop = Loop("schedule", lambda: publish_due(own), 0.1)
    async with asyncio.TaskGroup() as group:
        group.create_task(loop.run())
        post_id = await waiting(database, await person(database))

        async def is_out() -> bool:
            return await published(database) == {post_id}

        assert await eventually(is_out, seconds=20)
        loop.stop()


async def test_a_loop_goes_on_after_an_outage() -> None:
    tried = 0

    async def fail_once() -> bool:
        nonlocal tried
        tried += 1
        if tried == 1:
            raise ConnectionError("PostgreSQL is away")
        loop.stop()
        return False

    loop = Loop("test", fail_once, 0.01)
    await loop.run()
    assert tried == 2
