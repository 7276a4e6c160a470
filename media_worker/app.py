"""The loopback port: events of the store, health, metrics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass

import asyncpg
import redis
from aiohttp import web
from dramatiq.brokers.redis import RedisBroker
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import literal, select

from db.engine import Database, Statement
from media_worker.intake import Intake
from media_worker.storage import UNREACHABLE, Storage
from media_worker.sweep import EVERY_SECONDS, Sweep

CHECK_SECONDS = 5
_ONE = Statement(select(literal(1)))
_FAILURES = (*UNREACHABLE, redis.RedisError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Health:
    """Asks everything this service stands on."""

    database: Database
    storage: Storage
    broker: RedisBroker
    sweep: Sweep

    async def show(self, _request: web.Request) -> web.Response:
        """GET /health: 200, or 503 with what is wrong."""
        checks: dict[str, Awaitable[None]] = {
            "postgres": self._ask_database(),
            "valkey": self._ask_valkey(),
            "s3": self.storage.check(),
        }
        wrong = [f"{name} does not answer" for name, check in checks.items() if not await _holds(check)]
        if time.monotonic() - self.sweep.swept_at > 4 * EVERY_SECONDS:
            wrong.append("uploads were not looked through lately")
        return web.json_response({"ok": not wrong, "wrong": wrong}, status=503 if wrong else 200)

    async def _ask_database(self) -> None:
        async with self.database.reading() as tx:
            await tx.value(_ONE)

    async def _ask_valkey(self) -> None:
        await asyncio.to_thread(self.broker.client.ping)


async def _holds(check: Awaitable[None]) -> bool:
    try:
        await asyncio.wait_for(check, CHECK_SECONDS)
    except _FAILURES:
        return False
    return True


async def show_metrics(_request: web.Request) -> web.Response:
    """GET /metrics for Prometheus."""
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def build(intake: Intake, health: Health) -> web.Application:
    """The application with its three routes."""
    app = web.Application()
    app.router.add_post("/s3-events", intake.heard_event)
    app.router.add_get("/health", health.show)
    app.router.add_get("/metrics", show_metrics)
    return app
