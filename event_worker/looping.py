"""Doing one thing again and again, through outages, until told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from db.engine import OUTAGES
from db.waiting import set_within

_log = structlog.get_logger()


class Loop:
    """`step` every so many seconds, at once again while it answers that there is more to do."""

    def __init__(self, name: str, step: Callable[[], Awaitable[bool]], every_seconds: float) -> None:
        self._name = name
        self._step = step
        self._every_seconds = every_seconds
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Let `run` return after the step at hand."""
        self._stopping.set()

    async def run(self) -> None:
        """Go on until `stop`; goes on by itself after an outage of PostgreSQL."""
        while not self._stopping.is_set():
            more = False
            try:
                more = await self._step()
            except OUTAGES as error:
                _log.warning("interrupted", loop=self._name, error=type(error).__name__)
            if not more:
                await set_within(self._stopping, self._every_seconds)
