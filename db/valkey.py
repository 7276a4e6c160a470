"""The connection to Valkey of the services that run on uvloop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from redis import asyncio as redis
from redis.exceptions import ConnectionError as Lost


class _Connection(redis.Connection):
    async def send_packed_command(self, command: bytes | str | Iterable[bytes], check_health: bool = True) -> None:
        """As ever, but that writing to what the other side has just closed is a connection lost.

        asyncio says so by an OSError; uvloop says RuntimeError, which the client takes for a fault of the program: it
        would reach the caller, and the dead connection would stay in the pool.
        """
        try:
            await super().send_packed_command(command, check_health)
        except RuntimeError as error:
            raise Lost(str(error)) from error


def connect_valkey(url: str, password: str, **options: Any) -> redis.Redis:
    """A client; nothing is sent before its first use. `options` are those of redis.asyncio.Redis."""
    return redis.Redis.from_url(url, password=password, connection_class=_Connection, **options)
