"""PUT and DELETE /v1/muted-words/{word}, GET /v1/muted-words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import insert, select

from db.engine import Statement
from db.models import MutedWord
from social_api.mutes.handlers import LONGEST_PATTERN, MOST_WORDS
from social_api.mutes.words import LONGEST, pattern
from tests.social_api.conftest import House, Person
from tests.support.api import Answer
from tests.support.clones import Clone
from tests.support.racing import race
from tests.support.records import count

WORDS = "/v1/muted-words"


async def mute(person: Person, word: str, **body: Any) -> Answer:
    return await person.call("PUT", f"{WORDS}/{quote(word, safe='')}", body)


async def muted(person: Person) -> list[str]:
    return [item["word"] for item in (await person.get(WORDS))["items"]]


async def write(database: Clone, person: Person, *words: str, **columns: Any) -> None:
    rows = [{"user_id": person.id, "word": word, "pattern": pattern(word), **columns} for word in words]
    async with database.transaction() as tx:
        await tx.execute(Statement(insert(MutedWord).values(rows)))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Cricket", "cricket"),
        ("  New  Year ", "new year"),
        ("क्रिकेट", "क्रिकेट"),
        ("a/b", "a/b"),
        ("100%", "100%"),
        ("***=x?", "***=x?"),
        ("x" * LONGEST, "x" * LONGEST),
    ],
)
async def test_a_word_is_kept_folded_with_the_pattern_that_finds_it(
    alice: Person, bob: Person, database: Clone, typed: str, kept: str
) -> None:
    for _ in range(2):
        assert (await mute(alice, typed)).status == 204
    async with database.reading() as tx:
        rows = await tx.rows(Statement(select(MutedWord.user_id, MutedWord.word, MutedWord.pattern)))
    assert [tuple(row) for row in rows] == [(alice.id, kept, pattern(kept))]
    assert (await muted(alice), await muted(bob)) == ([kept], [])
    for _ in range(2):
        assert (await alice.call("DELETE", f"{WORDS}/{quote(typed, safe='')}")).status == 204
    assert await muted(alice) == []


@pytest.mark.parametrize("word", [" ", "\u00a0", "x" * (LONGEST + 1)])
async def test_what_is_no_word_is_refused(alice: Person, database: Clone, word: str) -> None:
    for method in ("PUT", "DELETE"):
        answer = await alice.call(method, f"{WORDS}/{quote(word, safe='')}", {})
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "word")
    assert await count(database, MutedWord) == 0


async def test_what_no_word_can_be_is_not_found(alice: Person) -> None:
    for word in ("%00", "x" * 256):
        assert (await alice.call("PUT", f"{WORDS}/{word}", {})).status == 404


async def test_it_may_end_and_muting_again_changes_when(alice: Person) -> None:
    until = datetime.now(UTC) + timedelta(days=30)
    await mute(alice, "final", expires_at=until.isoformat())
    [item] = (await alice.get(WORDS))["items"]
    assert set(item) == {"word", "expires_at", "created_at"}
    assert datetime.fromisoformat(item["expires_at"]) == until
    await mute(alice, "final", expires_at=None)
    assert [item["expires_at"] for item in (await alice.get(WORDS))["items"]] == [None]


async def test_a_time_that_is_past_or_far_away_is_refused(alice: Person, database: Clone) -> None:
    for expires_at in ("2020-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2030-01-01T00:00:00", "x", 7):
        answer = await mute(alice, "final", expires_at=expires_at)
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, "/expires_at")
    assert await count(database, MutedWord) == 0


async def test_it_lists_by_the_alphabet_without_what_has_ended(alice: Person, database: Clone) -> None:
    await write(database, alice, "zebra", "कल", "apple", "mango")
    await write(database, alice, "banana", expires_at=datetime.now(UTC) - timedelta(seconds=1))
    first = await alice.get(f"{WORDS}?limit=3")
    second = await alice.get(f"{WORDS}?limit=3&cursor={first['next']}")
    assert [item["word"] for item in first["items"]] == ["apple", "mango", "zebra"]
    assert ([item["word"] for item in second["items"]], second["next"]) == (["कल"], None)


async def test_there_are_only_so_many_and_those_that_have_ended_do_not_count(
    alice: Person, bob: Person, database: Clone
) -> None:
    await write(database, alice, *(f"word{number}" for number in range(MOST_WORDS - 1)))
    await write(database, alice, "ended", expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert (await mute(alice, "last")).status == 204
    too_many = await mute(alice, "one more")
    assert too_many.status == 409
    assert too_many.body["type"].endswith("/problems/too-many-muted-words")
    assert (await mute(alice, "last")).status == 204
    assert (await mute(bob, "first")).status == 204
    assert await count(database, MutedWord) == MOST_WORDS + 1


async def test_of_long_words_there_are_fewer(alice: Person, database: Clone) -> None:
    long = [f"{number:03}{'é' * (LONGEST - 3)}" for number in range(MOST_WORDS)]
    fitting = LONGEST_PATTERN // len(pattern(long[0]))
    assert fitting < MOST_WORDS - 1
    await write(database, alice, *long[: fitting - 1])
    assert (await mute(alice, long[fitting - 1])).status == 204
    assert (await mute(alice, long[fitting])).status == 409
    assert (await mute(alice, long[0])).status == 204
    assert await count(database, MutedWord) == fitting


async def test_fifty_at_once_do_not_come_to_more(alice: Person, database: Clone) -> None:
    await write(database, alice, *(f"word{number}" for number in range(MOST_WORDS - 5)))
    numbers = iter(range(50))
    [answers] = await race(lambda: mute(alice, f"more{next(numbers)}"))
    assert sorted(answer.status for answer in answers) == [204] * 5 + [409] * 45
    assert await count(database, MutedWord) == MOST_WORDS


@pytest.mark.parametrize(("method", "path"), [("PUT", f"{WORDS}/x"), ("DELETE", f"{WORDS}/x"), ("GET", WORDS)])
async def test_it_is_for_people_who_are_signed_in(house: House, method: str, path: str) -> None:
    assert (await house.nobody.call(method, path, {})).status == 401
