"""A limit of time for each of many tasks, kept by one look a second.

A timer for each, as asyncio.timeout sets one, took a tenth of a small request.
"""

from __future__ import annotations

import asyncio
import math
import time
from typing import Any

_LOOK_SECONDS = 1.0


class Deadline:
    """`with deadline:` ends with TimeoutError after `seconds`, or up to `look_seconds` later.

    A task may be in one such block at a time.
    """

    def __init__(self, seconds: float, look_seconds: float = _LOOK_SECONDS) -> None:
        self._seconds = seconds
        self._look_seconds = look_seconds
        self._began: dict[asyncio.Task[Any] | None, float] = {}  # who began first comes first; inf: has been stopped
        self._looks = False

    def __enter__(self) -> None:
        self._began[asyncio.current_task()] = time.monotonic()
        if not self._looks:
            self._looks = True
            self._look_later()

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        task = asyncio.current_task()
        stopped = self._began.pop(task) == math.inf
        # when somebody else has cancelled the task as well, it stays cancelled
        if stopped and task is not None and not task.uncancel() and isinstance(error, asyncio.CancelledError):
            raise TimeoutError from error

    def _look_later(self) -> None:
        asyncio.get_running_loop().call_later(self._look_seconds, self._look)

    def _look(self) -> None:
        """Stop who is overdue; look again as long as anybody is at work."""
        overdue = time.monotonic() - self._seconds
        for task, began in self._began.items():
            if overdue < began < math.inf:
                break
            if task is not None and began < math.inf:
                self._began[task] = math.inf
                task.cancel()
        self._looks = bool(self._began)
        if self._looks:
            self._look_later()
