"""A door before a port, which a test can shut: to whoever goes through it, the server is down."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class Door:
    """Forwards connections to a port of this machine while open; while shut, cuts them. Use `async with`."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._shut = False
        self._knocks = 0
        self._inside: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        """Its own address."""
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._enter, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.shut()
        self._server.close()
        await self._server.wait_closed()

    async def shut(self) -> None:
        """Cut what goes through, and let nobody in."""
        self._shut, self._knocks = True, 0
        for writer in list(self._inside):
            writer.close()

    async def open(self) -> None:
        """Let everybody in again."""
        self._shut = False

    async def knocked_at(self) -> bool:
        """Whether somebody came while it was shut."""
        return self._knocks > 0

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._shut:
            self._knocks += 1
            writer.close()
            return
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._to)
        await asyncio.gather(self._carry(reader, behind_writer), self._carry(behind_reader, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._inside.add(writer)
        try:
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
        except ConnectionError:
            return
        finally:
            self._inside.discard(writer)
            writer.close()
