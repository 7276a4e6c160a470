"""A hashtag trends when several different people use it, and not when one repeats it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from db.engine import Database, Statement
from db.models import PostHashtag, TrendingHashtag, User
from event_worker import trends
from tests.event_worker.conftest import add, person, post
from tests.support.clones import Clone

ALL = Statement(select(TrendingHashtag).order_by(TrendingHashtag.score.desc()))


async def write(database: Clone, author: UUID, hashtag: str, **columns: Any) -> None:
    await add(database, PostHashtag, post_id=await post(database, author, **columns), hashtag=hashtag)


async def trending(own: Database) -> list[tuple[str, int, int]]:
    """Hashtag, authors and posts, best first, counted now."""
    await trends.count(own)
    async with own.reading() as tx:
        return [(row["hashtag"], row["authors"], row["posts"]) for row in await tx.rows(ALL)]


async def test_three_people_make_a_trend_and_one_who_repeats_it_does_not(own: Database, database: Clone) -> None:
    people = [await person(database) for _ in range(3)]
    for author in people:
        await write(database, author, "monsoon")
    await write(database, people[0], "monsoon")
    for _ in range(20):
        await write(database, people[0], "buy")
    assert await trending(own) == [("monsoon", 3, 4)]


async def test_repeating_does_not_raise_it_above_what_more_people_use(own: Database, database: Clone) -> None:
    people = [await person(database) for _ in range(4)]
    for author in people:
        await write(database, author, "चाय")
    for author in people[:3]:
        for _ in range(10):
            await write(database, author, "spam")
    assert [hashtag for hashtag, _, _ in await trending(own)] == ["चाय", "spam"]


async def test_what_is_newer_stands_above_what_is_older(own: Database, database: Clone) -> None:
    for hashtag, hours in (("old", 8), ("new", 1)):
        for _ in range(3):
            at = datetime.now(UTC) - timedelta(hours=hours)
            await write(database, await person(database), hashtag, published_at=at)
    assert [hashtag for hashtag, _, _ in await trending(own)] == ["new", "old"]


@pytest.mark.parametrize(
    "columns",
    [
        {"visibility": "friends"},
        {"published_at": None},
        {"published_at": datetime.now(UTC) - timedelta(hours=25)},
        {"deleted_at": datetime.now(UTC)},
        {"removed_at": datetime.now(UTC)},
    ],
)
async def test_what_not_everybody_can_see_now_does_not_count(
    own: Database, database: Clone, columns: dict[str, Any]
) -> None:
    for _ in range(4):
        await write(database, await person(database), "hidden", **columns)
    assert await trending(own) == []


@pytest.mark.parametrize("columns", [{"is_private": True}, {"status": "suspended"}])
async def test_people_who_are_private_or_gone_do_not_count(
    own: Database, database: Clone, columns: dict[str, Any]
) -> None:
    people = [await person(database) for _ in range(3)]
    for author in people:
        await write(database, author, "quiet")
    async with database.transaction() as tx:
        await tx.execute(Statement(update(User).where(User.id == people[0]).values(columns)))
    assert await trending(own) == []


async def test_what_nobody_uses_any_more_is_forgotten(own: Database, database: Clone) -> None:
    await add(database, TrendingHashtag, hashtag="yesterday", authors=9, posts=9, score=9.0)
    assert await trending(own) == []


async def test_of_two_at_once_one_counts(own: Database, database: Clone) -> None:
    for _ in range(3):
        await write(database, await person(database), "rain")
    async with own.transaction() as tx:
        await tx.connection.execute("SELECT pg_advisory_xact_lock($1)", trends.LOCK)
        assert await trending(own) == []
    assert await trending(own) == [("rain", 3, 3)]
