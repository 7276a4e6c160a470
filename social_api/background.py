"""Loops that run beside the requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

_CANCEL_AGAIN = 0.25
"""Seconds."""


class Background:
    """Running loops. None of them ends by itself: one that does is a fault for which the process should end."""

    def __init__(self, loops: tuple[Coroutine[Any, Any, None], ...]) -> None:
        self._tasks = [asyncio.create_task(loop) for loop in loops]

    async def ended(self) -> None:
        """Return, or raise the error, when the first loop ends."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def stop(self) -> None:
        """Cancel all and wait for them.

        Again and again, because on Python 3.11 `asyncio.wait_for`, with which the Valkey client writes, loses a
        cancellation that comes in the moment its write is done.
        """
        left = set(self._tasks)
        while left:
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=_CANCEL_AGAIN)
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def running(*loops: Coroutine[Any, Any, None]) -> AsyncIterator[Background]:
    """Run `loops` for the length of the block."""
    background = Background(loops)
    try:
        yield background
    finally:
        await background.stop()
