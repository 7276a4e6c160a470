"""What becomes of one outbox row: refused files, repeated messages, items in other hands, outages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest

from db.engine import Database
from media_worker import items
from media_worker.actors import Actors
from media_worker.intake import Intake
from media_worker.storage import Storage
from stack.installation import Installation
from tests.media_worker.conftest import Uploads
from tests.media_worker.footage import Footage

DAMAGED = "The file is damaged or not of a supported kind."
NO_VIDEO = "The file is not a video."
NO_PHOTO = "The file is not a photo of a supported kind (JPEG, PNG or WebP)."


@dataclass
class Jobs:
    """The actors, called as Dramatiq calls them."""

    actors: Actors
    uploads: Uploads

    async def noticed(self, media_id: UUID) -> str:
        """The outbox row of an upload that was just noticed."""
        await self.actors.intake.notice(media_id, "event")
        row = (await self.uploads.outbox("media.uploaded"))[-1]
        return str(row["id"])

    async def row_is_open(self, outbox_id: str) -> bool:
        """Whether the row will be worked on again."""
        [row] = [row for row in await self.uploads.outbox("media.uploaded") if str(row["id"]) == outbox_id]
        return row["done_at"] is None and row["failed_at"] is None


@pytest.fixture
def jobs(own: Database, storage: Storage, intake: Intake, uploads: Uploads) -> Jobs:
    """Actors with the worker's own rights."""
    return Jobs(Actors(own, storage, intake, asyncio.Event()), uploads)


REFUSED: dict[str, tuple[str, str, Callable[[Footage], bytes]]] = {
    "nothing": ("video", DAMAGED, lambda _: b""),
    "a playlist": ("video", DAMAGED, lambda _: b"#EXTM3U\n#EXTINF:9,\n/etc/passwd\n#EXT-X-ENDLIST\n"),
    "the half of a video": ("video", DAMAGED, lambda footage: footage.video(320, 240, 3).read_bytes()[:20_000]),
    "a photo as video": ("video", NO_VIDEO, lambda footage: footage.photo().read_bytes()),
    "a song as video": ("video", NO_VIDEO, lambda footage: footage.sound().read_bytes()),
    "a video as photo": ("image", NO_PHOTO, lambda footage: footage.video(320, 240, 3).read_bytes()),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_a_file_that_is_not_what_it_should_be_fails_with_a_plain_reason(
    jobs: Jobs, uploads: Uploads, footage: Footage, what: str
) -> None:
    kind, reason, make = REFUSED[what]
    body = await asyncio.to_thread(make, footage)
    media_id = await uploads.declare(kind, size=len(body))
    uploads.put(media_id, body)
    row = await jobs.noticed(media_id)
    await jobs.actors.media_uploaded(row)
    item = await uploads.item(media_id)
    assert (item["transcoding_status"], item["failure"]) == ("failed", reason)
    assert not await jobs.row_is_open(row)
    assert await uploads.told() == ["media.failed"]
    assert uploads.artifacts(media_id) == []


async def test_a_reel_that_is_too_long_fails_before_it_costs_anything(
    jobs: Jobs, uploads: Uploads, footage: Footage
) -> None:
    media_id = await uploads.uploaded(footage.video(64, 48, 92, rate=1), post=await uploads.post("reel"))
    await jobs.actors.media_uploaded(await jobs.noticed(media_id))
    assert (await uploads.item(media_id))["failure"] == "A reel is at most 90 seconds long."


async def test_a_message_that_comes_twice_is_worked_on_once(jobs: Jobs, uploads: Uploads, footage: Footage) -> None:
    media_id = await uploads.uploaded(footage.video(320, 240, 3))
    row = await jobs.noticed(media_id)
    await asyncio.gather(jobs.actors.media_uploaded(row), jobs.actors.media_uploaded(row))
    await jobs.actors.media_uploaded(row)
    item = await uploads.item(media_id)
    assert (item["transcoding_status"], item["lease_token"]) == ("done", 1)
    assert await uploads.told() == ["media.ready"]


async def test_an_item_in_other_hands_is_looked_at_again_when_the_lease_ends(jobs: Jobs, uploads: Uploads) -> None:
    media_id = await uploads.declare(size=1)
    uploads.put(media_id, b"x")
    row = await jobs.noticed(media_id)
    async with jobs.actors.database.transaction() as tx:
        assert await items.lease(tx, media_id)
    await jobs.actors.media_uploaded(row)
    [outbox] = await uploads.outbox("media.uploaded")
    item = await uploads.item(media_id)
    assert item["lease_token"] == 1
    assert outbox["available_at"] > item["lease_until"]
    assert await jobs.row_is_open(row)


async def test_a_file_that_broke_the_worker_three_times_is_given_up(jobs: Jobs, uploads: Uploads) -> None:
    media_id = await uploads.declare(size=1)
    uploads.put(media_id, b"x")
    row = await jobs.noticed(media_id)
    async with uploads.database.transaction() as tx:
        await tx.connection.execute("UPDATE media_items SET attempts = 3, lease_token = 3, lease_until = now()")
    await jobs.actors.media_uploaded(row)
    item = await uploads.item(media_id)
    assert (item["transcoding_status"], item["failure"]) == ("failed", items.WORN_OUT)
    assert not await jobs.row_is_open(row)


async def test_an_outage_of_the_store_costs_the_file_no_attempt(
    jobs: Jobs, installation: Installation, uploads: Uploads, footage: Footage
) -> None:
    media_id = await uploads.uploaded(footage.photo(), "image")
    row = await jobs.noticed(media_id)
    stranger = Storage(installation.url("s3"), "meton-worker", "not the worker's secret")
    await Actors(jobs.actors.database, stranger, jobs.actors.intake, asyncio.Event()).media_uploaded(row)
    item = await uploads.item(media_id)
    assert (item["transcoding_status"], item["attempts"]) == ("processing", 0)
    assert await jobs.row_is_open(row)
    await jobs.actors.media_uploaded(row)
    assert (await uploads.item(media_id))["transcoding_status"] == "done"


async def test_artifacts_are_never_overwritten(jobs: Jobs, uploads: Uploads, footage: Footage) -> None:
    media_id = await uploads.uploaded(footage.photo(), "image")
    taken = f"{media_id}/1/photo.jpg"
    uploads.s3.put_object(Bucket="media", Key=taken, Body=b"what was there before")
    row = await jobs.noticed(media_id)
    await jobs.actors.media_uploaded(row)
    assert uploads.s3.get_object(Bucket="media", Key=taken)["Body"].read() == b"what was there before"
    await jobs.actors.media_uploaded(row)
    assert (await uploads.item(media_id))["playlist_key"] == f"{media_id}/2/photo.jpg"


async def test_a_worker_that_stops_takes_nothing_new(jobs: Jobs, uploads: Uploads, footage: Footage) -> None:
    media_id = await uploads.uploaded(footage.photo(), "image")
    row = await jobs.noticed(media_id)
    jobs.actors.stopping.set()
    await jobs.actors.media_uploaded(row)
    item = await uploads.item(media_id)
    assert (item["transcoding_status"], item["attempts"]) == ("processing", 0)
    assert await jobs.row_is_open(row)
