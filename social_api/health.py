"""Is the service well: for the supervisor (`/health`, with what is wrong) and for anyone (`/v1/health`)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, Literal

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import literal, select

from db.engine import OUTAGES, Database, Statement
from social_api.auth.jwks import KeySet
from social_api.auth.revocations import Revocations
from social_api.problems import Unavailable

_TIMEOUT = 2.0
_ALIVE = Statement(select(literal(1)))


class Health(msgspec.Struct):
    """The API answers and reaches its database."""

    status: Literal["ok"]


async def show(database: Database) -> Health:
    """Tell whether the API works.

    Answers 503 when it cannot reach its database.
    """
    if (reason := await _reason(_database(database))) is not None:
        raise Unavailable from ConnectionError(reason)
    return Health("ok")


class Readiness:
    """`/health`: 200, or 503 with what is wrong."""

    def __init__(self, database: Database, valkey: Redis, keys: KeySet, revocations: Revocations) -> None:
        self._database = database
        self._valkey = valkey
        self._keys = keys
        self._revocations = revocations

    async def answer(self, _request: web.Request) -> web.Response:
        """The aiohttp handler."""
        database, valkey = await asyncio.gather(_reason(_database(self._database)), _reason(self._valkey.ping()))
        wrong = {
            "database": database,
            "valkey": valkey,
            "keys": None if self._keys.loaded else "no signing keys from Keycloak yet",
        }
        wrong = {name: reason for name, reason in wrong.items() if reason is not None}
        body: dict[str, Any] = {
            "status": "failing" if wrong else "ok",
            "wrong": wrong,
            "revocations": "followed" if self._revocations.fresh else "stale: each token is introspected",
        }
        return web.Response(
            status=503 if wrong else 200, body=msgspec.json.encode(body), content_type="application/json"
        )


async def metrics(_request: web.Request) -> web.Response:
    """`/metrics` for Prometheus."""
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _database(database: Database) -> None:
    async with database.reading() as tx:
        await tx.value(_ALIVE)


async def _reason(check: Awaitable[Any]) -> str | None:
    """None when `check` succeeds in time, else why it does not."""
    try:
        async with asyncio.timeout(_TIMEOUT):
            await check
    except (RedisError, *OUTAGES) as error:
        return type(error).__name__
    return None
