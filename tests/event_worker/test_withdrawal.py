"""Topic `post.deleted`: what only passes on a post that is gone goes with it."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from db import outbox, withdrawal
from db.engine import Database, Statement
from db.models import Post
from event_worker.actors.withdrawal import take_back
from event_worker.tasks import perform
from tests.event_worker.conftest import person, post
from tests.support.clones import Clone
from tests.support.records import outbox as written


async def passed_on(database: Clone, times: int, *, deleted: bool = True) -> tuple[UUID, list[UUID]]:
    """A post that was deleted, and the reposts of it."""
    original = await post(
        database, await person(database), repost_count=times, deleted_at=func.now() if deleted else None
    )
    return original, [
        await post(database, await person(database), caption=None, repost_of=original) for _ in range(times)
    ]


async def standing(database: Clone) -> set[UUID]:
    async with database.reading() as tx:
        return {row["id"] for row in await tx.rows(Statement(select(Post.id).where(Post.deleted_at.is_(None))))}


async def counted(database: Clone, post_id: UUID) -> int:
    async with database.reading() as tx:
        return int(await tx.value(Statement(select(Post.repost_count).where(Post.id == post_id))))


async def asked(own: Database, post_id: UUID | None = None) -> list[str]:
    """The rows that ask for it, claimed."""
    async with own.transaction() as tx:
        if post_id is not None:
            await withdrawal.announce(tx, post_id)
        return [str(entry.id) for entry in await outbox.claim(tx, "event_worker", 9, 60)]


async def test_what_only_passes_it_on_goes_and_with_words_it_stays(own: Database, database: Clone) -> None:
    original, [_, _] = await passed_on(database, 2)
    quote = await post(database, await person(database), caption="Look!", repost_of=original)
    other, [kept] = await passed_on(database, 1, deleted=False)
    async with database.transaction() as tx:
        await tx.execute(Statement(update(Post).where(Post.id == original).values(repost_count=3)))
    [row] = await asked(own, original)
    await asyncio.gather(*(perform(own, take_back, row) for _ in range(3)))
    assert await standing(database) == {quote, other, kept}
    assert [await counted(database, each) for each in (original, other)] == [1, 1]
    assert await asked(own) == []


async def test_many_go_in_batches(own: Database, database: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("event_worker.actors.withdrawal.BATCH", 2)
    original, _ = await passed_on(database, 5)
    rows, left = await asked(own, original), []
    while rows:
        await perform(own, take_back, rows[0])
        left.append(await counted(database, original))
        rows = await asked(own)
    assert left == [3, 1, 0]
    assert await standing(database) == set()


async def test_nothing_is_asked_for_a_post_that_nobody_passed_on(own: Database, database: Clone) -> None:
    original, _ = await passed_on(database, 0)
    assert await asked(own, original) == []
    assert await written(database, withdrawal.TOPIC) == []
