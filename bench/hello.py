"""The baseline: a bare aiohttp application on uvloop that says hello. `python -m bench.hello PORT`."""

from __future__ import annotations

import asyncio
import sys

import uvloop
from aiohttp import web


async def hello(_request: web.Request) -> web.Response:
    """GET /: a small JSON document."""
    return web.json_response({"hello": "world"})


async def serve(port: int) -> None:
    """Answer on the loopback port until killed."""
    app = web.Application()
    app.router.add_get("/", hello)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
