"""A page of somebody's circle costs what the page costs, however large the circle is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from db.engine import Statement
from social_api.circles import queries
from tests.support.clones import Clone

CROWD = 8_000
PAGE = 21
NEWEST = UUID(int=2**128 - 1)
STATEMENTS = {
    "followers": queries.FOLLOWERS,
    "following": queries.FOLLOWING,
    "friends": queries.FRIENDS,
    "mutuals": queries.MUTUALS,
}
POPULATE = f"""
  INSERT INTO users (subject, connect_id, display_name)
    SELECT n::text, n || '@meton', 'Person' FROM generate_series(1, {CROWD}) n;
  INSERT INTO follows (follower_id, followed_id)
    SELECT other.id, star.id FROM users other, users star WHERE star.subject = '1' AND other.subject <> '1';
  INSERT INTO follows (follower_id, followed_id)
    SELECT one.id, other.id FROM users one, generate_series(1, 5) n, users other
    WHERE other.subject = (one.subject::integer + n)::text AND one.subject::integer > 6;
  INSERT INTO follows (follower_id, followed_id)
    SELECT star.id, other.id FROM users other, users star
    WHERE star.subject IN ('1', '2') AND other.subject::integer % 4 = 3;
  INSERT INTO friend_requests (requester_id, receiver_id, status)
    SELECT star.id, other.id, 'accepted' FROM users other, users star
    WHERE star.subject IN ('1', '2') AND other.subject::integer % 4 = 0;
  INSERT INTO friend_requests (requester_id, receiver_id, status)
    SELECT other.id, star.id, 'accepted' FROM users other, users star
    WHERE star.subject IN ('1', '2') AND other.subject::integer % 4 = 1 AND other.subject <> '1';
  ANALYZE users, follows, friend_requests, blocks
"""  # noqa: S608 - a number of our own


def rows_of(node: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """What each node of a plan gave or read in vain."""
    rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    yield node["Node Type"], rows * node["Actual Loops"]
    for child in node.get("Plans", ()):
        yield from rows_of(child)


async def most_rows(database: Clone, statement: Statement, mode: str, **values: Any) -> tuple[float, float]:
    """How many rows the statement answers, and how many its busiest node handled."""
    async with database.transaction() as tx:
        await tx.connection.execute(f"SET LOCAL plan_cache_mode = force_{mode}_plan")
        explained = await tx.connection.fetchval(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.sql}", *statement.arguments(values)
        )
    plan = explained[0]["Plan"]
    return plan["Actual Rows"], max(rows for _, rows in rows_of(plan))


@pytest.fixture
async def crowd(database: Clone) -> dict[str, UUID]:
    """A star whom all follow, a fan, both with thousands of friends and followed people, and somebody with neither."""
    async with database.reading() as tx:
        await tx.connection.execute(POPULATE)
        found = await tx.connection.fetch("SELECT subject, id FROM users WHERE subject IN ('1', '2', '6')")
    by_subject = {row["subject"]: row["id"] for row in found}
    return {"star": by_subject["1"], "fan": by_subject["2"], "other": by_subject["6"]}


async def test_a_page_reads_about_as_many_rows_as_it_shows(database: Clone, crowd: dict[str, UUID]) -> None:
    for name, statement in STATEMENTS.items():
        for viewer in ("star", "fan", "other"):
            for mode in ("custom", "generic"):
                shown, read = await most_rows(
                    database,
                    statement,
                    mode,
                    person=crowd["star"],
                    viewer=crowd[viewer],
                    before=NEWEST,
                    limit=PAGE,
                )
                assert shown == (0 if (name, viewer) == ("mutuals", "other") else PAGE), (name, viewer, mode)
                assert read <= 20 * PAGE, (name, viewer, mode)
