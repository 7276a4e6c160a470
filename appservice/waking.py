"""How a loop is woken by PostgreSQL: at once when a channel says so, and every few seconds in case it did not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from db.engine import AWAY, Database

POLL_S = 2.0
RETRY_S = 1.0
# PostgreSQL is away, restarts, or breaks off what it cannot finish: the work is rolled back and comes again.
OUTAGES = AWAY
_log = structlog.get_logger()


async def set_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait until `event` is set, at most `seconds`; returns whether it is."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


async def hear(database: Database, channel: str, heard: Callable[[str], None], stopping: asyncio.Event) -> None:
    """Call `heard` with each notification of `channel` until `stopping`; listens again after an outage."""
    while not stopping.is_set():
        try:
            async with database.listening(channel, heard) as connection:
                while not (connection.is_closed() or await set_within(stopping, RETRY_S)):
                    pass
        except OUTAGES as error:
            _log.warning("not listening", channel=channel, error=type(error).__name__)
            await set_within(stopping, RETRY_S)
