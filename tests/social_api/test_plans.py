"""The queries of every screen go by the indexes made for them, on a network of tens of thousands of people."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from bench import database as bench
from bench.graph import Graph
from db.engine import Statement
from social_api.circles import queries as circles
from social_api.comments import listing as comments
from social_api.explore import queries as explore
from social_api.feed import queries as feed
from social_api.hashtags import queries as hashtags
from social_api.likes import queries as likes
from social_api.posts import queries as posts
from social_api.suggestions import queries as suggestions
from stack.installation import Installation
from tests.support.clones import Clone

LAST = UUID(int=2**128 - 1)
SOON = datetime(9999, 12, 31, tzinfo=UTC)
PAGE = 21
BIG = 5_000
"""A table with more rows than this must not be read through."""
EXTRAS = """
  CREATE TEMPORARY TABLE star AS SELECT id, user_id FROM posts WHERE visibility = 'public' ORDER BY user_id LIMIT 1;
  INSERT INTO comments (post_id, user_id, text, like_count)
    SELECT star.id, person.id, 'x', random(0, 50)
    FROM star, (SELECT id FROM users ORDER BY id DESC LIMIT 10000) person;
  INSERT INTO comments (post_id, user_id, text)
    SELECT post.id, post.user_id, 'x' FROM (SELECT * FROM posts ORDER BY id LIMIT 20000) post;
  INSERT INTO likes (user_id, target_type, target_id)
    SELECT person.id, 'post', star.id FROM star, (SELECT id FROM users ORDER BY id DESC LIMIT 10000) person
    ON CONFLICT DO NOTHING;
  INSERT INTO post_hashtags (post_id, hashtag)
    SELECT id, CASE WHEN random() < 0.1 THEN 'tea' ELSE 'tag' || random(1, 500) END FROM posts;
  ANALYZE comments, likes, post_hashtags
"""


class Town(Graph):
    """A smaller network of the same kind."""

    @property
    def people(self) -> int:
        """Enough for PostgreSQL to prefer indexes."""
        return 20_000


@dataclass(frozen=True)
class Query:
    """A statement, the indexes that it must use, and what it is given beside `viewer`."""

    name: str
    statement: Statement
    uses: set[str]
    values: dict[str, Any]


@dataclass(frozen=True)
class Somebody:
    """Who looks, and at what: a person with a few friends and followees, and a post that thousands like."""

    viewer: UUID
    star: UUID
    post: UUID
    page: list[UUID]


def queries(who: Somebody) -> Iterator[Query]:
    """One or more for each screen."""
    page = {"limit": PAGE}
    yield Query("feed", feed.LATEST, {"idx_posts_feed"}, {**page, "before": SOON, "before_id": LAST})
    yield Query("hydrate", posts.SHOW, {"posts_pkey", "idx_media_post"}, {"posts": who.page})
    person = {**page, "person": who.star}
    yield Query("profile", posts.BY_PERSON, {"idx_posts_feed"}, {**person, "before": SOON, "before_id": LAST})
    begin = {**page, "post": who.post, "begins": True, "pinned": []}
    top = {**begin, "likes": 2**31 - 1, "after": LAST}
    yield Query("top comments", comments.THREADS["top"], {"idx_comments_top"}, top)
    yield Query("newest comments", comments.THREADS["newest"], {"idx_comments_newest"}, {**begin, "after": LAST})
    oldest = {**begin, "after": UUID(int=0)}
    yield Query("oldest comments", comments.THREADS["oldest"], {"idx_comments_newest"}, oldest)
    yield Query("likes", likes.POST.listing, {"idx_likes_target_newest"}, {**page, "target": who.post, "before": LAST})
    yield Query("followers", circles.FOLLOWERS, {"idx_follows_followed_newest"}, {**person, "before": LAST})
    yield Query("hashtag", hashtags.POSTS, {"idx_post_hashtags_newest"}, {**page, "hashtag": "tea", "before_id": LAST})
    start = {**page, "place": 0, "fewness": 0, "after": UUID(int=0)}
    yield Query(
        "suggestions",
        suggestions.LIST,
        {"follows_pkey"},
        start,
    )
    yield Query("explore", explore.CANDIDATES, {"idx_posts_public"}, {"before": SOON})


@pytest.fixture(scope="module")
def town(installation: Installation) -> Iterator[str]:
    """The name of the database."""
    with bench.filled(installation, Town(scale=0), keep=False) as name:
        yield name


@pytest.fixture
async def filled(installation: Installation, town: str) -> AsyncIterator[Clone]:
    opened = await Clone.of(installation, town)
    yield opened
    await opened.close()


@pytest.fixture
async def somebody(filled: Clone) -> Somebody:
    async with filled.transaction() as tx:
        await tx.connection.execute(EXTRAS)
        star = await tx.connection.fetchrow("SELECT id, user_id FROM star")
        viewer = await tx.connection.fetchval("SELECT id FROM users ORDER BY id DESC LIMIT 1")
        newest = "SELECT id FROM posts WHERE visibility = 'public' ORDER BY published_at DESC LIMIT 20"
        page = [row["id"] for row in await tx.connection.fetch(newest)]
    assert star is not None
    return Somebody(viewer, star["user_id"], star["id"], page)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each step of a plan."""
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


@pytest.mark.timeout(600)  # fills a database
async def test_each_query_uses_its_indexes_and_reads_no_big_table_through(filled: Clone, somebody: Somebody) -> None:
    async with filled.transaction() as tx:
        sizes = await tx.connection.fetch("SELECT relname, reltuples FROM pg_class WHERE reltuples > $1", BIG)
        big = {row["relname"] for row in sizes}
        assert big >= {"users", "posts", "follows", "friend_requests", "likes", "comments", "post_hashtags"}
        wrong = {}
        for mode in ("custom", "generic"):
            await tx.connection.execute(f"SET LOCAL plan_cache_mode = force_{mode}_plan")
            for query in queries(somebody):
                given = query.statement.arguments({"viewer": somebody.viewer, **query.values})
                explained = await tx.connection.fetchval(f"EXPLAIN (FORMAT JSON) {query.statement.sql}", *given)
                steps = list(nodes(explained[0]["Plan"]))
                used = {step["Index Name"] for step in steps if "Index Name" in step}
                read = {step["Relation Name"] for step in steps if step["Node Type"] == "Seq Scan"}
                if not query.uses <= used or read & big:
                    wrong[query.name, mode] = (query.uses - used, read & big)
    assert wrong == {}
