"""The truth about uploads: looks through the bucket itself, so that a lost hint costs seconds and never an upload."""

from __future__ import annotations

import asyncio
import time

import asyncpg
import structlog

from db.monitoring import UnwellError
from db.waiting import set_within
from media_worker import items
from media_worker.intake import Intake
from media_worker.metrics import SWEPT_AT
from media_worker.storage import UNREACHABLE

EVERY_SECONDS = 20
_log = structlog.get_logger()


class Sweep:
    """Runs until `stopping` is set. `swept_at` is the monotonic time of the last complete pass."""

    def __init__(self, intake: Intake, stopping: asyncio.Event) -> None:
        self._intake = intake
        self._stopping = stopping
        self.swept_at = time.monotonic()

    async def run(self) -> None:
        """Pass after pass; one that fails is logged and followed by the next."""
        while not self._stopping.is_set():
            try:
                noticed = await self.once()
            except (*UNREACHABLE, asyncpg.PostgresError) as error:
                _log.warning("sweep failed", error=type(error).__name__)
            else:
                self.swept_at = time.monotonic()
                SWEPT_AT.set_to_current_time()
                if noticed:
                    _log.info("uploads nobody told of", uploads=noticed)
            await set_within(self._stopping, EVERY_SECONDS)

    async def check(self) -> None:
        """Raises UnwellError when no pass ended well for a while."""
        if time.monotonic() - self.swept_at > 4 * EVERY_SECONDS:
            raise UnwellError("uploads were not looked through lately")

    async def once(self) -> int:
        """One pass, from the oldest upload still expected; returns how many nobody had told of."""
        async with self._intake.database.reading() as tx:
            oldest = await items.oldest_expected(tx)
        if oldest is None:
            return 0
        noticed = 0
        async for media_id in self._intake.storage.uploads_from(oldest):
            noticed += await self._intake.notice(media_id, "sweep")
        # after the look into the bucket: what lay there is no longer among those that wait
        async with self._intake.database.transaction() as tx:
            await items.give_up_waiting(tx)
        return noticed
