"""A bounded pool of connections that costs next to nothing to use.

asyncpg's own makes a task, a proxy and timers for each use, as much as a small query itself costs. Here taking a free
connection is popping a list, and one that may be in the middle of something is never used again.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeAlias

import asyncpg

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

WAIT_SECONDS = 10.0
"""How long one waits for a connection while others have all of them."""
SPARE_SECONDS = 300.0
"""How long a connection may be without use; it is closed by the next use of another one."""
_CLOSE_SECONDS = 5.0

_BROKEN_OFF = (
    OSError,  # TimeoutError is one
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
"""After these errors PostgreSQL and we may not agree on where a connection stands, or whether it stands at all."""


class Pool:
    """At most `maximum` connections, made by `connect` as they are needed; the one used last is used next."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        maximum: int,
        *,
        wait_seconds: float = WAIT_SECONDS,
        spare_seconds: float = SPARE_SECONDS,
    ) -> None:
        self._connect = connect
        self._maximum = maximum
        self._wait_seconds = wait_seconds
        self._spare_seconds = spare_seconds
        self._in_use = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._free: list[Connection] = []
        self._unused = 0  # so many at the bottom of `_free` were not taken since they were last looked at
        self._look_at = time.monotonic() + spare_seconds
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self._all_back = asyncio.Event()

    async def take(self) -> Connection:
        """A connection nobody else has, to be given back with `put`.

        Raises TimeoutError when none becomes free in time, asyncpg.InterfaceError once the pool is closed, and what
        `connect` raises.
        """
        if self._closed:
            raise asyncpg.InterfaceError("the pool is closed")
        if self._in_use < self._maximum:
            self._in_use += 1
        else:
            await self._turn()
        while self._free:
            connection = self._free.pop()
            self._unused = min(self._unused, len(self._free))
            if not connection.is_closed():
                return connection
        try:
            return await self._connect()
        except BaseException:  # a cancellation too
            self._make_room()
            raise

    def put(self, connection: Connection, error: BaseException | None = None) -> None:
        """Give a connection back, with the error that ended its use; it is closed unless it is in order."""
        # what is no Exception, a cancellation above all, may come in the middle of anything
        broken_off = error is not None and (isinstance(error, _BROKEN_OFF) or not isinstance(error, Exception))
        if broken_off or connection.is_closed() or connection.is_in_transaction():
            self._start(self._discard(connection))
            return
        self._free.append(connection)
        self._make_room()
        if time.monotonic() > self._look_at:
            self._close_spare()

    async def fill(self, count: int) -> None:
        """Have `count` connections free; raises as `take` does."""
        taken: list[Connection] = []
        try:
            while len(taken) < count:
                taken.append(await self.take())
        finally:
            for connection in taken:
                self.put(connection)

    async def close(self) -> None:
        """Close every connection, waiting for those in use; nobody gets one from now on."""
        self._closed = True
        if self._in_use:
            await self._all_back.wait()
        await asyncio.gather(*self._tasks, *map(_close, self._free))
        self._free.clear()

    async def _turn(self) -> None:
        """Wait in line for the place of one who leaves."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._wait_seconds):
                try:
                    await turn
                except asyncio.CancelledError:
                    if not turn.cancelled():
                        self._make_room()  # the place was given to us while we were leaving
                    raise
        except TimeoutError:
            held = f"all {self._maximum} connections were in use for {self._wait_seconds:g} seconds"
            raise TimeoutError(held) from None

    def _make_room(self) -> None:
        """Leave a place: to the one who waits longest, else to whoever comes."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # still waiting
                turn.set_result(None)
                return
        self._in_use -= 1
        if self._closed and not self._in_use:
            self._all_back.set()

    async def _discard(self, connection: Connection) -> None:
        """Close a connection and only then make room for another: PostgreSQL may still be at work for this one."""
        try:
            await _close(connection)
        finally:
            self._make_room()

    def _close_spare(self) -> None:
        """Close what nobody needed for a while; the rest has the same while to go."""
        spare, self._free = self._free[: self._unused], self._free[self._unused :]
        for connection in spare:
            self._start(_close(connection))
        self._unused = len(self._free)
        self._look_at = time.monotonic() + self._spare_seconds

    def _start(self, closing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(closing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _close(connection: Connection) -> None:
    """Say good-bye, stopping the statement that may be at work; without an answer just hang up."""
    with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        await connection.close(timeout=_CLOSE_SECONDS)
