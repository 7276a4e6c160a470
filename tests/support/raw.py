"""Requests that no client library would send."""

from __future__ import annotations

import asyncio


async def status_of(port: int, method: str, path: str, authorization: bytes) -> int:
    """The answer to a request with an empty object as its body and these very bytes in its `Authorization` header."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nAuthorization: ".encode()
        writer.write(head + authorization + b"\r\n\r\n{}")
        return int((await reader.readline()).split()[1])
    finally:
        writer.close()
