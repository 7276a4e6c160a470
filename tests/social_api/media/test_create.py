"""POST /v1/media, and what the object store does with the form."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from sqlalchemy import select, update

from db.engine import Statement
from db.models import MediaItem
from social_api.media.uploads import PENDING_MAX, UploadSigner
from stack.installation import Installation
from tests.social_api.conftest import PUBLIC_URL, House, Person
from tests.support.clones import Clone
from tests.support.records import count

PHOTO = {"kind": "image", "mime_type": "image/png", "byte_size": 1000}


async def test_it_answers_a_form_for_exactly_this_file(alice: Person, database: Clone) -> None:
    answer = await alice.call("POST", "/v1/media", PHOTO)
    assert answer.status == 201
    media_id, form = answer.body["id"], answer.body["upload"]
    assert UUID(media_id).version == 7
    assert form["url"] == f"{PUBLIC_URL}/uploads"
    assert form["fields"]["key"] == f"{media_id}/original"
    assert form["fields"]["Content-Type"] == "image/png"
    left = datetime.fromisoformat(form["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    async with database.reading() as tx:
        row = await tx.row(Statement(select(MediaItem)))
    assert row is not None
    assert (str(row["id"]), row["user_id"], row["storage_key"]) == (media_id, alice.id, f"{media_id}/original")
    assert (row["transcoding_status"], row["byte_size"], row["post_id"]) == ("pending", 1000, None)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "audio"}, "/kind"),
        ({"mime_type": "text/html"}, "/mime_type"),
        ({"mime_type": "image/svg+xml"}, "/mime_type"),
        ({"mime_type": "video/mp4"}, "/mime_type"),
        ({"mime_type": "IMAGE/PNG"}, "/mime_type"),
        ({"byte_size": 0}, "/byte_size"),
        ({"byte_size": 20 * 1024 * 1024 + 1}, "/byte_size"),
        ({"byte_size": 2**70}, "/byte_size"),
        ({"byte_size": "1000"}, "/byte_size"),
        ({"key": "mine"}, "/key"),
    ],
)
async def test_what_is_not_taken_is_refused(
    alice: Person, database: Clone, change: dict[str, Any], pointer: str
) -> None:
    answer = await alice.call("POST", "/v1/media", PHOTO | change)
    assert answer.status == 422
    assert [error["pointer"] for error in answer.body["errors"]] == [pointer]
    assert await count(database, MediaItem) == 0


async def test_it_is_for_people_who_are_signed_in(house: House) -> None:
    assert (await house.nobody.call("POST", "/v1/media", PHOTO)).status == 401


async def test_the_same_key_gives_the_same_form(alice: Person, database: Clone) -> None:
    key = {"Idempotency-Key": "once"}
    first = await alice.call("POST", "/v1/media", PHOTO, key)
    again = await alice.call("POST", "/v1/media", PHOTO, key)
    assert again.body == first.body
    assert await count(database, MediaItem) == 1


async def test_even_at_once_nobody_begins_more_uploads_than_allowed(
    alice: Person, bob: Person, database: Clone
) -> None:
    answers = await asyncio.gather(*(alice.call("POST", "/v1/media", PHOTO) for _ in range(PENDING_MAX + 10)))
    refused = [answer for answer in answers if answer.status == 409]
    assert len(refused) == 10
    assert {answer.body["type"].rpartition("/")[2] for answer in refused} == {"too-many-uploads"}
    assert await count(database, MediaItem) == PENDING_MAX
    assert (await bob.call("POST", "/v1/media", PHOTO)).status == 201


async def test_uploads_given_up_yesterday_do_not_count(alice: Person, database: Clone) -> None:
    for _ in range(PENDING_MAX):
        await alice.post("/v1/media", PHOTO)
    async with database.transaction() as tx:
        await tx.execute(Statement(update(MediaItem).values(created_at=datetime.now(UTC) - timedelta(hours=25))))
    assert (await alice.call("POST", "/v1/media", PHOTO)).status == 201


class TestTheForm:
    """What the store takes with it. It is signed for the store's own address here; journeys go through the gateway."""

    @pytest.fixture
    async def http(self) -> AsyncIterator[aiohttp.ClientSession]:
        async with aiohttp.ClientSession() as session:
            yield session

    @pytest.fixture
    def form(self, installation: Installation) -> dict[str, Any]:
        signer = UploadSigner(installation.url("s3"), "meton-uploader", installation.secret("s3_uploader"))
        media_id = UUID("0192d1f3-0000-7000-8000-000000000002")
        form = signer.form(media_id, "image/png", 1000, timedelta(minutes=5))
        return {"url": form.url, "fields": form.fields}

    async def send(self, http: aiohttp.ClientSession, form: dict[str, Any], size: int, **changed: str) -> int:
        data = aiohttp.FormData()
        for name, value in (form["fields"] | changed).items():
            data.add_field(name, value)
        data.add_field("file", BytesIO(b"x" * size), filename="photo.png", content_type="image/png")
        async with http.post(form["url"], data=data) as answer:
            return answer.status

    async def test_lets_the_file_in(self, http: aiohttp.ClientSession, form: dict[str, Any]) -> None:
        assert await self.send(http, form, 1000) in (200, 204)

    @pytest.mark.parametrize("size", [0, 999, 1001, 5_000_000])
    async def test_lets_no_other_size_in(self, http: aiohttp.ClientSession, form: dict[str, Any], size: int) -> None:
        assert await self.send(http, form, size) in (400, 403)

    @pytest.mark.parametrize(
        "changed",
        [
            {"key": "0192d1f3-0000-7000-8000-000000000003/original"},
            {"Content-Type": "text/html"},
            {"x-amz-signature": "0" * 64},
            {"x-amz-meta-extra": "1"},
        ],
    )
    async def test_lets_nothing_be_changed(
        self, http: aiohttp.ClientSession, form: dict[str, Any], changed: dict[str, str]
    ) -> None:
        assert await self.send(http, form, 1000, **changed) == 403
