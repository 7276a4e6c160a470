"""Loops that run beside the requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


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
        """Cancel all and wait for them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def running(*loops: Coroutine[Any, Any, None]) -> AsyncIterator[Background]:
    """Run `loops` for the length of the block."""
    background = Background(loops)
    try:
        yield background
    finally:
        await background.stop()
