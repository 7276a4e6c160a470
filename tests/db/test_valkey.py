"""Valkey going away is an error that its callers expect, on uvloop as well."""

from __future__ import annotations

import pytest
import uvloop
from redis.exceptions import RedisError

from db.valkey import connect_valkey
from stack.installation import Installation


def test_writing_to_a_connection_that_has_just_been_closed_is_a_lost_connection(installation: Installation) -> None:
    async def write() -> None:
        url = f"redis://social_api@127.0.0.1:{installation.port('valkey')}/0"
        async with connect_valkey(url, installation.secret("valkey_social_api")) as client:
            connection = await client.connection_pool.get_connection()
            connection._writer.transport.abort()  # what uvloop does when a server that was killed resets it
            with pytest.raises(RedisError):
                await connection.send_command("PING")
            await client.connection_pool.release(connection)
            assert await client.ping()

    uvloop.run(write())
