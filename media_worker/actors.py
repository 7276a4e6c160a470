"""What is done for the outbox rows of this service: `upload.announced` (a hint) and `media.uploaded` (the job).

A job holds two claims, on the media item and on its outbox row, and renews both while it works. Killed at any point,
both end within seconds and the job is done again, under new keys; stopped in good order, it gives both back at once.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog
from dramatiq import Broker
from structlog.contextvars import bound_contextvars

from db import outbox, tasks
from db.engine import OUTAGES, Database, Transaction
from db.outbox import Entry
from db.waiting import set_within
from media_worker import ffmpeg, images, items, ladder
from media_worker.ffmpeg import CrashedError, UnusableError
from media_worker.intake import Intake
from media_worker.items import Lease, LeaseLostError
from media_worker.ladder import Artifacts
from media_worker.metrics import JOB_SECONDS, JOBS, JOBS_RUNNING
from media_worker.storage import UNREACHABLE, Storage

QUEUE = "media_worker"
FOLDER_PREFIX = "meton-job-"
_OUTAGES = (*UNREACHABLE, *OUTAGES)
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Actors:
    """Both actors and what they need; `stopping` makes running jobs give back what they hold."""

    database: Database
    storage: Storage
    intake: Intake
    stopping: asyncio.Event

    def declare(self, broker: Broker) -> None:
        """Let messages on our queue run the actors."""
        tasks.declare(broker, QUEUE, "upload.announced", self.upload_announced)
        tasks.declare(broker, QUEUE, "media.uploaded", self.media_uploaded)

    async def upload_announced(self, outbox_id: str) -> None:
        """A client says that it has uploaded: look. Nothing there is an answer too; the sweep goes on looking."""
        entry = await self._take(outbox_id)
        if entry is None:
            return
        with bound_contextvars(outbox_id=outbox_id, request_id=entry.request_id):
            try:
                await self.intake.notice(UUID(entry.payload["media_id"]), "client", entry.request_id)
            except _OUTAGES as error:
                await self._try_later(entry, error)
                return
            async with self.database.transaction() as tx:
                await outbox.finish(tx, entry.id)

    async def media_uploaded(self, outbox_id: str) -> None:
        """Make the artifacts of one upload, unless it is finished, in other hands, or broke down too often."""
        entry = await self._take(outbox_id)
        if entry is None:
            return
        media_id = UUID(entry.payload["media_id"])
        with bound_contextvars(outbox_id=outbox_id, request_id=entry.request_id, media_id=str(media_id)):
            async with self.database.transaction() as tx:
                held = await items.lease(tx, media_id)
                if held is None:
                    await _without_lease(tx, entry, media_id)
                    return
                await outbox.hold(tx, entry.id, items.LEASE_SECONDS)
            with JOBS_RUNNING.track_inprogress():
                await self._run(entry, held)

    async def _take(self, outbox_id: str) -> Entry | None:
        async with self.database.transaction() as tx:
            return await outbox.take(tx, UUID(outbox_id))

    async def _try_later(self, entry: Entry, error: Exception) -> None:
        _log.warning("will be tried again", topic=entry.topic, error=type(error).__name__)
        async with self.database.transaction() as tx:
            await outbox.give_back(tx, entry.id, type(error).__name__)

    async def _run(self, entry: Entry, held: Lease) -> None:
        """The job from lease to result, whatever the result is."""
        job = asyncio.current_task()
        assert job is not None  # noqa: S101 - a coroutine that runs has a task, the type does not say so
        watch = asyncio.create_task(self._watch(entry, held, job))
        try:
            with JOB_SECONDS.time():
                outcome = await self._attempt(entry, held)
        except LeaseLostError:
            outcome = "lost"
        except asyncio.CancelledError:
            job.uncancel()
            outcome = await self._give_back(entry, held)
        except CrashedError as error:
            outcome = await self._give_back(entry, held, error=str(error), counts=True)
        except _OUTAGES as error:
            outcome = await self._give_back(entry, held, error=type(error).__name__)
        finally:
            watch.cancel()
        JOBS.labels(outcome=outcome).inc()
        _log.info("job ended", outcome=outcome, attempt=held.token)

    async def _watch(self, entry: Entry, held: Lease, job: asyncio.Task[None]) -> None:
        """Renew both claims; break the job off when its lease is lost or the worker stops."""
        while not await set_within(self.stopping, items.HEARTBEAT_SECONDS):
            try:
                async with self.database.transaction() as tx:
                    await items.renew(tx, held)
                    await outbox.hold(tx, entry.id, items.LEASE_SECONDS)
            except LeaseLostError:
                break
            except _OUTAGES as error:  # the lease may outlast it; if not, the next renewal says so
                _log.warning("lease not renewed", error=type(error).__name__)
        job.cancel()

    async def _attempt(self, entry: Entry, held: Lease) -> str:
        try:
            made = await self._make(held)
            async with self.database.transaction() as tx:
                await items.complete(tx, held, made, entry.request_id)
                await outbox.finish(tx, entry.id)
        except UnusableError as error:
            _log.info("upload refused", reason=error.reason, detail=error.detail)
            async with self.database.transaction() as tx:
                if not await items.fail(tx, held.media_id, held.token, error.reason, entry.request_id):
                    raise LeaseLostError(held.prefix) from None
                await outbox.finish(tx, entry.id)
            return "refused"
        return "done"

    async def _make(self, held: Lease) -> Artifacts:
        """Fetch the upload, see what it really is, make the artifacts and store them under this attempt's keys."""
        with tempfile.TemporaryDirectory(prefix=f"{FOLDER_PREFIX}{os.getpid()}-", ignore_cleanup_errors=True) as name:
            upload, folder = Path(name, "original"), Path(name, "artifacts")
            await self.storage.fetch_upload(held.media_id, upload)
            await asyncio.to_thread(folder.mkdir)
            source = await ffmpeg.probe(upload)
            if held.kind == "image":
                made = await images.make(upload, source, folder)
            else:
                if held.kind == "video" and (source.picture is None or source.container in images.STILL_CONTAINERS):
                    raise UnusableError("The file is not a video.")
                items.check_length(held.post_type, source.duration)
                made = await ladder.make(upload, source, folder)
            await self.storage.publish(folder, held.prefix)
            return made

    async def _give_back(self, entry: Entry, held: Lease, *, error: str = "", counts: bool = False) -> str:
        """End the attempt without a result; `counts`: it may have been the file's fault, so it is one of the three."""
        async with self.database.transaction() as tx:
            if not await items.give_back(tx, held, counts=counts):
                return "lost"
            if error:
                await outbox.give_back(tx, entry.id, error)
            else:
                await outbox.hold(tx, entry.id, 0)
        return "crashed" if counts else "given back"


async def _without_lease(tx: Transaction, entry: Entry, media_id: UUID) -> None:
    """There is no lease to be had: because the item is finished, broke down too often, or is in other hands."""
    standing = await items.standing(tx, media_id)
    if standing is not None and standing.worn_out:
        JOBS.labels(outcome="worn out").inc()
        await items.fail(tx, media_id, None, items.WORN_OUT, entry.request_id)
    if standing is None or standing.worn_out:
        await outbox.finish(tx, entry.id)
    else:
        await outbox.hold(tx, entry.id, standing.seconds_left + 1)
