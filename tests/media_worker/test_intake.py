"""An upload is noticed once, whoever tells of it first, and also when nobody does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from uuid_utils.compat import uuid7

from media_worker.intake import Intake, subject
from media_worker.sweep import Sweep
from tests.media_worker.conftest import EVENT_TOKEN, Uploads
from tests.support import raw

Store = TestClient[web.Request, web.Application]


@pytest.fixture
async def store(intake: Intake) -> AsyncIterator[Store]:
    """Sends events as the store does."""
    app = web.Application()
    app.router.add_post("/s3-events", intake.heard_event)
    async with TestClient(TestServer(app)) as client:
        yield client


def event(key: str, *, directory: bool = False) -> dict[str, object]:
    entry = {"name": key.rpartition("/")[2], "is_directory": directory, "attributes": {"file_size": 7}}
    return {"event_type": "create", "key": key, "message": {"new_entry": entry, "new_parent_path": "/buckets/uploads"}}


def bearer(token: str = EVENT_TOKEN) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_an_upload_is_set_processing_and_passed_on(intake: Intake, uploads: Uploads) -> None:
    media_id = await uploads.declare(size=7)
    uploads.put(media_id, b"content")
    assert await intake.notice(media_id, "event", "request-1")
    item = await uploads.item(media_id)
    assert (item["transcoding_status"], item["byte_size"]) == ("processing", 7)
    assert item["uploaded_at"] is not None
    [row] = await uploads.outbox("media.uploaded")
    assert (row["destination"], row["payload"], row["request_id"]) == (
        *("media_worker", {"media_id": str(media_id)}, "request-1"),
    )


async def test_hints_that_come_twice_or_together_make_one_job(intake: Intake, uploads: Uploads) -> None:
    media_id = await uploads.declare(size=7)
    uploads.put(media_id, b"content")
    heard = await asyncio.gather(*(intake.notice(media_id, who) for who in ("event", "client", "sweep", "event")))
    assert sorted(heard) == [False, False, False, True]
    assert not await intake.notice(media_id, "sweep")
    assert len(await uploads.outbox("media.uploaded")) == 1


async def test_a_hint_without_an_upload_changes_nothing(intake: Intake, uploads: Uploads) -> None:
    media_id = await uploads.declare(size=7)
    assert not await intake.notice(media_id, "client")
    assert not await intake.notice(uuid7(), "client")
    assert (await uploads.item(media_id))["transcoding_status"] == "pending"


async def test_an_upload_of_another_size_is_refused(intake: Intake, uploads: Uploads) -> None:
    media_id = await uploads.declare(size=8)
    uploads.put(media_id, b"content")
    assert await intake.notice(media_id, "event")
    item = await uploads.item(media_id)
    assert (item["transcoding_status"], item["failure"]) == ("failed", "The upload has not the declared size.")
    assert await uploads.outbox("media.uploaded") == []
    assert await uploads.told() == ["media.failed"]


async def test_the_store_tells_of_an_upload(store: Store, uploads: Uploads) -> None:
    media_id = await uploads.declare(size=7)
    uploads.put(media_id, b"content")
    answer = await store.post("/s3-events", json=event(f"/buckets/uploads/{media_id}/original"), headers=bearer())
    assert answer.status == 204
    assert (await uploads.item(media_id))["transcoding_status"] == "processing"


@pytest.mark.parametrize("headers", [{}, bearer("another"), bearer(""), {"Authorization": EVENT_TOKEN}])
async def test_nobody_else_can_tell(store: Store, uploads: Uploads, headers: dict[str, str]) -> None:
    media_id = await uploads.declare(size=7)
    uploads.put(media_id, b"content")
    answer = await store.post("/s3-events", json=event(f"/buckets/uploads/{media_id}/original"), headers=headers)
    assert answer.status == 401
    assert (await uploads.item(media_id))["transcoding_status"] == "pending"


async def test_a_token_that_is_no_text_is_refused(store: Store) -> None:
    for token in ("é".encode(), b"\xff"):
        assert await raw.status_of(store.port or 0, "POST", "/s3-events", b"Bearer " + token) == 401


ID = "0193a1b2-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    "body",
    [
        event(f"/buckets/uploads/{ID}", directory=True),
        event(f"/buckets/uploads/{ID}/original", directory=True),
        event("/buckets/uploads/.uploads/7f3a/0001.part"),
        event(f"/buckets/uploads/{ID}/original.versions/v_1"),
        event(f"/buckets/uploads/{ID}/../original"),
        event(f"/buckets/media/{ID}/original"),
        event("/buckets/uploads"),
        {"event_type": "delete", "key": f"/buckets/uploads/{ID}/original", "message": {"old_entry": {}}},
        {"key": 7},
        {},
        [],
    ],
)
async def test_events_about_other_things_are_let_pass(store: Store, body: object) -> None:
    assert (await store.post("/s3-events", json=body, headers=bearer())).status == 204
    assert (await store.post("/s3-events", data=b"\xff{", headers=bearer())).status == 204


def test_the_subject_of_an_event_is_a_media_id() -> None:
    body = b'{"key":"/buckets/uploads/%s/original","message":{"new_entry":{"name":"original"}}}' % ID.encode()
    assert subject(body) == UUID(ID)


async def test_the_sweep_finds_what_nobody_told_of(intake: Intake, uploads: Uploads) -> None:
    waiting = await uploads.declare(size=7)
    found = [await uploads.declare(size=7) for _ in range(3)]
    for media_id in found:
        uploads.put(media_id, b"content")
    assert await Sweep(intake, asyncio.Event()).once() == 3
    assert await Sweep(intake, asyncio.Event()).once() == 0
    assert [(await uploads.item(media_id))["transcoding_status"] for media_id in found] == ["processing"] * 3
    assert (await uploads.item(waiting))["transcoding_status"] == "pending"


async def test_the_sweep_reads_more_than_a_page_and_starts_at_the_oldest(
    intake: Intake, uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_worker.storage.PAGE_KEYS", 3)
    before = uuid7()
    uploads.put(before, b"of somebody who is gone")
    first = await uploads.declare(size=7)
    for _ in range(8):
        uploads.put(uuid7(), b"x")
    last = await uploads.declare(size=7)
    for media_id in (first, last):
        uploads.put(media_id, b"content")
    seen = [media_id async for media_id in intake.storage.uploads_from(first)]
    assert (before in seen, seen[0], seen[-1], len(seen)) == (False, first, last, 10)


async def test_what_never_came_is_given_up_after_a_day(intake: Intake, uploads: Uploads) -> None:
    late = await uploads.declare(size=7, age="25 hours")
    came_late = await uploads.declare(size=7, age="25 hours")
    uploads.put(came_late, b"content")
    await Sweep(intake, asyncio.Event()).once()
    item = await uploads.item(late)
    assert (item["transcoding_status"], item["failure"]) == ("failed", "Nothing was uploaded.")
    assert (await uploads.item(came_late))["transcoding_status"] == "processing"
