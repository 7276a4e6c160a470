"""`Idempotency-Key`."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, update

from db.engine import Statement
from db.models import IdempotencyKey, Post
from social_api import idempotency
from social_api.problems import RequestInFlight
from tests.social_api.conftest import House, Person
from tests.support import records
from tests.support.api import Answer
from tests.support.clones import Clone

KEY = "a-key-of-the-test"
BODY = {"type": "microblog", "caption": "नमस्ते"}


async def post(person: Person, body: Any = None, key: str = KEY) -> Answer:
    return await person.call("POST", "/v1/posts", BODY if body is None else body, {"Idempotency-Key": key})


async def test_the_same_request_twice_is_done_once_and_answered_the_same(database: Clone, alice: Person) -> None:
    first, second = await post(alice), await post(alice)
    assert (first.status, second.status) == (201, 201)
    assert first.body == second.body
    assert list(first.body) == list(second.body)
    assert ("Idempotency-Replayed" in first.headers, second.headers["Idempotency-Replayed"]) == (False, "true")
    assert await records.count(database, Post) == 1


async def test_another_body_or_path_under_the_key_is_refused(alice: Person) -> None:
    assert (await post(alice)).status == 201
    assert (await post(alice, {**BODY, "caption": "other"})).status == 422
    other = await alice.call("PATCH", "/v1/me", BODY, {"Idempotency-Key": KEY})
    assert other.status == 422


async def test_a_key_belongs_to_one_person(database: Clone, alice: Person, bob: Person) -> None:
    assert (await post(alice)).body["id"] != (await post(bob)).body["id"]
    assert await records.count(database, Post) == 2


async def test_while_the_first_is_at_work_the_second_is_told_so(database: Clone, alice: Person) -> None:
    first = idempotency.request(alice.id, KEY, "POST", "/api/v1/posts", b"anything")
    async with database.transaction() as tx:
        assert await idempotency.begin(tx, first) is None
        answer = await post(alice)
        assert (answer.status, answer.body["type"].rpartition("/")[2]) == (409, "request-in-flight")
        assert answer.headers["Retry-After"] == "1"


async def test_an_effect_is_undone_whose_request_was_answered_meanwhile(database: Clone, alice: Person) -> None:
    asked = idempotency.request(alice.id, KEY, "POST", "/api/v1/posts", b"anything")

    async def late() -> None:
        async with database.transaction() as tx:
            assert await idempotency.begin(tx, asked) is None
            async with database.transaction() as other:
                await idempotency.finish(other, asked, 201, {"id": "other"})
            await idempotency.finish(tx, asked, 201, {"id": "this"})

    with pytest.raises(RequestInFlight):
        await late()
    async with database.transaction() as tx:
        assert await idempotency.begin(tx, asked) == idempotency.Answer(201, {"id": "other"})


async def test_many_at_once_are_one(database: Clone, alice: Person) -> None:
    answers = await asyncio.gather(*(post(alice) for _ in range(12)))
    assert {answer.status for answer in answers} <= {201, 409}
    assert len({answer.body["id"] for answer in answers if answer.status == 201}) == 1
    assert await records.count(database, Post) == 1


async def test_what_failed_may_be_tried_again(alice: Person) -> None:
    assert (await post(alice, {**BODY, "media": ["01900000-0000-7000-8000-000000000000"]})).status >= 400
    assert (await post(alice)).status == 201


async def test_after_a_day_a_key_is_new(database: Clone, alice: Person) -> None:
    first = await post(alice)
    async with database.transaction() as tx:
        await tx.execute(Statement(update(IdempotencyKey).values(created_at=func.now() - timedelta(hours=25))))
    assert (await post(alice)).body["id"] != first.body["id"]
    assert await records.count(database, IdempotencyKey) == 1


async def test_a_key_is_visible_ascii_of_at_most_255(house: House, alice: Person) -> None:
    for key in ("", " ", "a b", "k" * 256, "ключ"):
        assert (await post(alice, key=key)).status == 422, key
    assert (await post(alice, key="k" * 255)).status == 201
