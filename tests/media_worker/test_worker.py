"""The worker as a process, on real queues: from an upload nobody told of to a published post, through kills."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from aiohttp import ClientConnectionError, ClientSession
from redis.asyncio import Redis

from db import outbox, tasks
from db.engine import Database
from event_worker.relay import Relay
from media_worker.__main__ import remove_abandoned_folders
from media_worker.actors import FOLDER_PREFIX
from stack.installation import Installation
from tests.conftest import VALKEY_DATABASE
from tests.media_worker.conftest import Launcher, Running, Uploads, program
from tests.media_worker.footage import Footage
from tests.support.clones import Clone
from tests.support.waiting import eventually


@pytest.fixture
async def relay(installation: Installation, database: Clone, valkey: Redis) -> AsyncIterator[Relay]:
    """Passes outbox rows on to the worker's queue, as event_worker does."""
    url = f"redis://event_worker@127.0.0.1:{installation.port('valkey')}/{VALKEY_DATABASE}"
    broker = tasks.open_broker(url, installation.secret("valkey_event_worker"))
    relay = Relay(await database.as_role("event_worker"), broker)
    passing = asyncio.create_task(relay.run())
    yield relay
    relay.stop()
    await passing


async def status(uploads: Uploads, media_id: UUID) -> str:
    return str((await uploads.item(media_id))["transcoding_status"])


async def ended(uploads: Uploads, media_id: UUID, seconds: float = 90) -> str:
    """How the item ended: done or failed."""

    async def probe() -> str | None:
        now = await status(uploads, media_id)
        return now if now in ("done", "failed") else None

    return await eventually(probe, seconds)


async def transcoding(worker: Running) -> int:
    """The number of the FFmpeg process once it works."""
    return (await eventually(worker.encoders, 60))[0]


async def test_a_post_appears_with_both_hints_lost(
    launcher: Launcher, relay: Relay, uploads: Uploads, footage: Footage
) -> None:
    post = await uploads.post()
    async with launcher.running():
        media_id = await uploads.uploaded(footage.video(seconds=3), post=post)
        assert await ended(uploads, media_id) == "done"
    assert await uploads.is_published(post)
    item, keys = await uploads.item(media_id), uploads.artifacts(media_id)
    assert {item["playlist_key"], item["thumb_key"], item["audio_key"]} < set(keys)
    assert {key.split("/")[3] for key in keys if "/hls/" in key} == {"240p", "480p", "720p", "audio", "master.m3u8"}
    assert await uploads.told() == ["media.ready", "post.published"]
    [row] = await uploads.outbox("media.uploaded")
    assert row["done_at"] is not None


async def test_the_clients_word_is_enough(launcher: Launcher, relay: Relay, uploads: Uploads, footage: Footage) -> None:
    async with launcher.running() as worker, ClientSession(f"http://127.0.0.1:{worker.port}") as http:

        async def is_healthy() -> bool:
            try:
                async with http.get("/health") as answer:
                    return answer.status == 200
            except ClientConnectionError:
                return False

        await eventually(is_healthy, 30)
        media_id = await uploads.declare("image")
        uploads.put(media_id, await asyncio.to_thread(footage.photo().read_bytes))
        async with uploads.database.transaction() as tx:
            await outbox.emit(tx, "media_worker", "upload.announced", {"media_id": str(media_id)})
        assert await ended(uploads, media_id) == "done"
        async with http.get("/metrics") as answer:
            assert 'meton_media_uploads_noticed_total{heard="client"} 1.0' in await answer.text()
    item = await uploads.item(media_id)
    assert (item["mime_type"], item["width"], item["height"]) == ("image/jpeg", 640, 480)
    assert item["playlist_key"].endswith("/photo.jpg")


@pytest.mark.faults
async def test_kill_9_in_the_middle_leaves_no_encoder_and_the_job_is_done_after_a_restart(
    launcher: Launcher, relay: Relay, uploads: Uploads, footage: Footage
) -> None:
    media_id = await uploads.uploaded(footage.video(seconds=12))
    async with launcher.running() as worker:
        encoder = await transcoding(worker)
        worker.send(signal.SIGKILL)
        await worker.process.wait()

    async def gone() -> bool:
        return not program(encoder)

    await eventually(gone, 5)
    assert uploads.artifacts(media_id) == []
    async with launcher.running():
        assert await ended(uploads, media_id, 120) == "done"
    item = await uploads.item(media_id)
    assert (item["attempts"], item["lease_token"]) == (2, 2)
    assert item["playlist_key"].startswith(f"{media_id}/2/")
    assert await uploads.told() == ["media.ready"]
    assert not [path for path in launcher.folder.iterdir() if path.name.startswith("meton-job-")]


@pytest.mark.faults
async def test_a_stopped_worker_gives_its_job_back_at_once(
    launcher: Launcher, own: Database, uploads: Uploads, relay: Relay, footage: Footage
) -> None:
    media_id = await uploads.uploaded(footage.video(seconds=12))
    async with launcher.running() as worker:
        encoder = await transcoding(worker)
        relay.stop()  # so that nobody takes the job again before we have looked
        worker.send(signal.SIGTERM)
        assert await asyncio.wait_for(worker.process.wait(), 10) == 0
    assert not program(encoder)
    async with uploads.database.reading() as tx:
        [free] = await tx.connection.fetch(
            "SELECT m.attempts, m.lease_until <= now() AS lease_ended, o.available_at <= now() AS claim_ended"
            " FROM media_items m, outbox o WHERE m.id = $1 AND o.topic = 'media.uploaded'",
            media_id,
        )
    assert tuple(free) == (0, True, True)


def test_folders_of_killed_workers_go_even_if_they_had_our_number(tmp_path: Path) -> None:
    ours, living, dead = (tmp_path / f"{FOLDER_PREFIX}{number}-x" for number in (os.getpid(), os.getppid(), 2**22 + 1))
    for folder in (ours, living, dead, tmp_path / "somebody-elses"):
        folder.mkdir()
    remove_abandoned_folders(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {living.name, "somebody-elses"}
