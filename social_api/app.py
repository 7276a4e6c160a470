"""Putting the API together: its connections, its loops, and the routes on them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from aiohttp import ClientSession, web
from aiohttp.typedefs import Handler, Middleware
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from db.engine import Database
from social_api import answers, background, docs, health, idempotency, telemetry
from social_api.adapter import Endpoint
from social_api.auth.authenticator import Authenticator
from social_api.auth.jwks import KeySet
from social_api.auth.revocations import Revocations
from social_api.auth.tokens import Verifier
from social_api.auth.verdicts import Verdicts
from social_api.background import Background
from social_api.keycloak import Keycloak
from social_api.limits import Limiter
from social_api.live import Live
from social_api.media.links import LinkSigner
from social_api.media.uploads import UploadSigner
from social_api.problems import Unavailable
from social_api.routes import ROUTES
from social_api.services import Services
from social_api.settings import Settings

PREFIX = "/api"
"""The gateway passes paths as they are."""

LARGEST_HEADER = 32 * 1024
"""Bytes; more than the gateway lets through, so that a huge token is answered as any other bad one."""

_KEYS_EVERY = 300.0
_KEYS_RETRY = 2.0
_VALKEY_TIMEOUT = 1.0


@dataclass(frozen=True, slots=True)
class Running:
    """The API at work: serve `app` until `background` ends."""

    app: web.Application
    background: Background


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Running]:
    """Everything the API needs, open for the length of the block; raises OSError and asyncpg errors at the start."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(ClientSession())
        keycloak = Keycloak(http, settings)
        keys = KeySet(keycloak.keys)
        services = await _open(settings, keycloak, keys, stack)
        limiter = Limiter(services.valkey, settings.rate_limit_factor)
        live = Live(services, limiter)
        readiness = health.Readiness(services.database, services.valkey, keys, services.revocations)
        app = _application(services, limiter, live, readiness)
        loops = await stack.enter_async_context(
            background.running(
                services.revocations.follow(),
                keep_keys(keys),
                idempotency.purge(services.database),
                live.wakeups.listen(),
            )
        )
        yield Running(app, loops)


async def _open(settings: Settings, keycloak: Keycloak, keys: KeySet, stack: AsyncExitStack) -> Services:
    """Open what handlers work with; `stack` closes it."""
    database = await Database.open(
        settings.database_url, settings.database_password, name="social_api", minimum=2, maximum=12
    )
    stack.push_async_callback(database.close)
    valkey = open_valkey(settings)
    stack.push_async_callback(valkey.aclose)
    revocations = Revocations(database)
    verifier = Verifier(keys, settings.issuer)
    return Services(
        settings=settings,
        database=database,
        valkey=valkey,
        keycloak=keycloak,
        revocations=revocations,
        authenticator=Authenticator(database, verifier, revocations, keycloak, Verdicts()),
        upload_signer=UploadSigner(settings.public_url, settings.s3_access_key, settings.s3_secret_key),
        link_signer=LinkSigner(settings.public_url, settings.media_signing_key.encode()),
    )


def _application(services: Services, limiter: Limiter, live: Live, readiness: health.Readiness) -> web.Application:
    public_url = services.settings.public_url
    largest = max((route.max_body for route in ROUTES), default=0)
    app = web.Application(middlewares=[_problems_for_the_rest(public_url)], client_max_size=largest + 1)
    for route in ROUTES:
        endpoint = Endpoint(route, services, limiter)
        app.router.add_route(route.method, PREFIX + route.path, endpoint.answer)
    docs.add(app, PREFIX, public_url)
    app.router.add_route("GET", "/ws", live.answer)
    app.router.add_route("GET", "/health", readiness.answer)
    app.router.add_route("GET", "/metrics", health.metrics)
    app.on_shutdown.append(live.close)
    return app


def open_valkey(settings: Settings) -> Redis:
    """A client that gives up within a second and does not retry: everything it is used for can do without it."""
    return Redis.from_url(
        settings.valkey_url,
        password=settings.valkey_password,
        socket_timeout=_VALKEY_TIMEOUT,
        socket_connect_timeout=_VALKEY_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )


async def keep_keys(keys: KeySet) -> None:
    """Take the realm's keys every five minutes, so that a key withdrawn there is withdrawn here."""
    while True:
        with suppress(Unavailable):
            await keys.refresh()
        await asyncio.sleep(_KEYS_EVERY if keys.loaded else _KEYS_RETRY)


def _problems_for_the_rest(public_url: str) -> Middleware:
    """Errors outside of our routes, aiohttp's own 404 and 405 among them, are problem documents too."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception as error:  # noqa: BLE001 - as in the adapter: every error becomes an answer
            request_id = telemetry.request_id(request.headers.get("X-Request-Id"))
            return answers.problem(answers.problem_of(error), request, public_url, request_id)

    return middleware
