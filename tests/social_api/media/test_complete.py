"""POST /v1/media/{media_id}/complete."""

from __future__ import annotations

import asyncio

import pytest

from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.records import outbox, upload

NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"


async def test_it_announces_the_upload_once(alice: Person, database: Clone) -> None:
    media_id = await upload(database, alice.id, state="pending")
    for _ in range(2):
        answer = await alice.call("POST", f"/v1/media/{media_id}/complete")
        assert (answer.status, answer.body["id"], answer.body["state"]) == (202, str(media_id), "pending")
    assert await outbox(database, "upload.announced") == [{"media_id": str(media_id)}]


async def test_fifty_at_once_announce_once(alice: Person, database: Clone) -> None:
    media_id = await upload(database, alice.id, state="pending")
    calls = (alice.call("POST", f"/v1/media/{media_id}/complete") for _ in range(50))
    assert {answer.status for answer in await asyncio.gather(*calls)} == {202}
    assert len(await outbox(database, "upload.announced")) == 1


@pytest.mark.parametrize("state", ["processing", "done", "failed"])
async def test_what_was_found_without_it_is_not_announced(alice: Person, database: Clone, state: str) -> None:
    media_id = await upload(database, alice.id, state=state)
    answer = await alice.call("POST", f"/v1/media/{media_id}/complete")
    assert (answer.status, answer.body["state"]) == (202, state)
    assert await outbox(database, "upload.announced") == []


async def test_the_upload_of_someone_else_is_not_there(alice: Person, bob: Person, database: Clone) -> None:
    media_id = await upload(database, bob.id, state="pending")
    assert (await alice.call("POST", f"/v1/media/{media_id}/complete")).status == 404
    assert await outbox(database, "upload.announced") == []


@pytest.mark.parametrize("media_id", [NOT_THERE, "x", "0"])
async def test_what_does_not_exist_is_not_found(alice: Person, media_id: str) -> None:
    assert (await alice.call("POST", f"/v1/media/{media_id}/complete")).status == 404


async def test_it_is_for_people_who_are_signed_in(house: House) -> None:
    assert (await house.nobody.call("POST", f"/v1/media/{NOT_THERE}/complete")).status == 401
