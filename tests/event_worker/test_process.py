"""The event worker as a process: told to stop in the midst of its work."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from dramatiq.brokers.redis import RedisBroker
from sqlalchemy import func, select

from db.engine import Statement
from db.models import Post, PostHashtag, TrendingHashtag
from event_worker.__main__ import FINISH_SECONDS
from event_worker.schedule import BATCH
from stack.installation import Installation
from tests.conftest import VALKEY_DATABASE
from tests.event_worker.conftest import add, person, post
from tests.support.clones import Clone
from tests.support.records import count, outbox, told
from tests.support.waiting import eventually

PAST = datetime.now(UTC) - timedelta(minutes=1)
PUBLISHED = Statement(select(func.count()).select_from(Post).where(Post.published_at.is_not(None)))
HOLD = "LOCK TABLE {} IN SHARE MODE"
# somebody has the one lock, of a table or of another type, and waits to write to the other table
STUCK = """
SELECT count(*) FROM pg_locks waiting JOIN pg_locks held USING (pid)
WHERE NOT waiting.granted AND waiting.relation = $1::text::regclass
  AND held.granted AND coalesce(held.relation::regclass::text, held.locktype) = $2
"""


@pytest.fixture
def environment(installation: Installation, database: Clone, broker: RedisBroker) -> Mapping[str, str]:
    """As the stack gives it, with the test's own databases and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return {
        "PATH": os.environ["PATH"],
        **installation.environment("event_worker"),
        "METON_DATABASE_URL": database.url("event_worker"),
        "METON_VALKEY_URL": f"redis://event_worker@127.0.0.1:{installation.port('valkey')}/{VALKEY_DATABASE}",
        "METON_LISTEN_PORT": str(port),
    }


@asynccontextmanager
async def running(environment: Mapping[str, str]) -> AsyncIterator[Process]:
    """The service; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "event_worker", env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def stop_while_stuck(database: Clone, environment: Mapping[str, str], *, at: str, after: str) -> int:
    """The exit status of a service that was told to stop while a step waited to write to the table `at`, having begun
    with a lock on `after`.
    """

    async def is_stuck() -> bool:
        async with database.reading() as tx:
            return bool(await tx.connection.fetchval(STUCK, at, after))

    async with database.transaction() as tx:
        await tx.connection.execute(HOLD.format(at))
        async with running(environment) as process:
            await eventually(is_stuck, every=0.02)
            process.send_signal(signal.SIGTERM)
            await tx.connection.execute("ROLLBACK")
            return await asyncio.wait_for(process.wait(), FINISH_SECONDS + 5)


async def test_told_to_stop_while_it_publishes_it_finishes_the_batch_and_begins_no_other(
    database: Clone, environment: Mapping[str, str]
) -> None:
    author = await person(database)
    for _ in range(2 * BATCH + 1):
        await post(database, author, published_at=None, publish_at=PAST)
    assert await stop_while_stuck(database, environment, at="outbox", after="posts") == 0
    async with database.reading() as tx:
        assert await tx.value(PUBLISHED) == BATCH
    assert len(await outbox(database, "post.published")) == len(await told(database, "post.published")) == BATCH


async def test_told_to_stop_while_it_counts_trends_it_finishes_the_count(
    database: Clone, environment: Mapping[str, str]
) -> None:
    await add(database, TrendingHashtag, hashtag="yesterday", authors=9, posts=9, score=9.0)
    for _ in range(3):
        await add(database, PostHashtag, post_id=await post(database, await person(database)), hashtag="monsoon")
    assert await stop_while_stuck(database, environment, at="trending_hashtags", after="advisory") == 0
    async with database.reading() as tx:
        assert await tx.value(Statement(select(TrendingHashtag.hashtag))) == "monsoon"
    assert await count(database, TrendingHashtag) == 1
