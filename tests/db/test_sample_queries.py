"""docs/sample-queries.sql does what it says, by the indexes it names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class with a small name

from stack.installation import Installation
from tests.db import catalog
from tests.support import clones

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Query:
    name: str
    uses: tuple[str, ...]
    sql: str


def _queries() -> tuple[Query, ...]:
    text = (ROOT / "docs/sample-queries.sql").read_text(encoding="utf-8")
    found = re.findall(r"^-- name: (.+)\n-- uses: (.+)\n((?:.+\n)+)", text, re.MULTILINE)
    return tuple(Query(name, tuple(uses.split(", ")), sql) for name, uses, sql in found)


QUERIES = _queries()


@pytest.fixture(scope="module")
def filled(installation: Installation) -> Iterator[Connection]:
    """A database with 400 people and what they did."""
    with clones.empty(installation) as name:
        clones.migrate(installation, name)
        url = f"postgresql://meton_owner@127.0.0.1:{installation.port('postgres')}/{name}"
        with closing(catalog.connect(url, installation.secret("db_meton_owner"))) as connection:
            with connection.cursor() as cursor:
                cursor.execute((ROOT / "tests/db/filling.sql").read_text(encoding="utf-8"))
            yield connection


@pytest.fixture(scope="module")
def values(filled: Connection) -> dict[str, str]:
    """Someone in the middle of it all."""
    return {
        "viewer": _one(filled, "SELECT id FROM users WHERE subject = 's50'"),
        "person": _one(filled, "SELECT id FROM users WHERE subject = 's57'"),
        "post": _one(filled, "SELECT posts.id FROM posts JOIN likes ON target_id = posts.id LIMIT 1"),
        "conversation": _one(filled, "SELECT id FROM conversations LIMIT 1"),
    }


def test_the_file_holds_what_a_social_network_asks_most() -> None:
    names = {query.name for query in QUERIES}
    assert names >= {"feed", "friends", "followers", "profile", "conversation list", "message history", "story tray"}
    assert len(QUERIES) == len(names) == 20


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_finds_something(filled: Connection, values: dict[str, str], query: Query) -> None:
    with filled.cursor() as cursor:
        cursor.execute(_with_values(query, values))
        assert cursor.fetchall()


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_a_query_uses_its_indexes_and_reads_no_big_table_through(
    filled: Connection, values: dict[str, str], query: Query
) -> None:
    nodes = list(_nodes(_one(filled, f"EXPLAIN (FORMAT JSON) {_with_values(query, values)}")[0]["Plan"]))
    used = {node["Index Name"] for node in nodes if "Index Name" in node}
    scanned = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
    assert set(query.uses) <= used, json.dumps(nodes, indent=1)
    # at 400 people and 400 groups reading all of them is cheapest, and not what could grow with a network
    assert scanned <= {"users", "groups"}


def _with_values(query: Query, values: dict[str, str]) -> str:
    return re.sub(r":'(\w+)'", lambda name: f"'{values[name[1]]}'", query.sql)


def _one(connection: Connection, sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()[0][0]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield {key: value for key, value in plan.items() if key != "Plans"}
    for child in plan.get("Plans", []):
        yield from _nodes(child)
