"""What a worker shows on its loopback port: whether it is well, and its figures for Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import redis
from aiohttp import ClientError, web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from db import engine

CHECK_SECONDS = 5
OUTAGES = (redis.RedisError, ClientError, *engine.OUTAGES)
"""What it looks like when PostgreSQL, Valkey or an HTTP service is away."""

Check = Callable[[], Awaitable[Any]]
"""Raises one of OUTAGES when the thing does not answer, UnwellError when it answers and is not well."""


class UnwellError(Exception):
    """Something is not as it should be; its text says what, in words."""


def application(
    checks: Mapping[str, Check], measure: Check | None = None, *, largest_body: int = 1024**2
) -> web.Application:
    """GET /health: 200, or 503 with what is wrong. GET /metrics: all metrics of the process, after `measure`.

    A service that takes requests adds its routes; bodies of more than `largest_body` bytes are refused.
    """

    async def health(_request: web.Request) -> web.Response:
        found = await asyncio.gather(*(_ask(name, check) for name, check in checks.items()))
        wrong = [words for words in found if words]
        return web.json_response({"ok": not wrong, "wrong": wrong}, status=503 if wrong else 200)

    async def metrics(_request: web.Request) -> web.Response:
        if measure:
            await measure()
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application(client_max_size=largest_body)
    app.router.add_get("/health", health)
    app.router.add_get("/metrics", metrics)
    return app


async def _ask(name: str, check: Check) -> str | None:
    try:
        await asyncio.wait_for(check(), CHECK_SECONDS)
    except UnwellError as error:
        return str(error)
    except OUTAGES:
        return f"{name} does not answer"
    return None
