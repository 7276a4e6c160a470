"""Putting the API together: its connections, its loops, and the routes on them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from aiohttp import ClientSession, web
from aiohttp.typedefs import Handler
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from db.engine import Database
from db.valkey import connect_valkey
from social_api import answers, background, docs, health, idempotency, telemetry
from social_api.adapter import Endpoint
from social_api.auth.authenticator import Authenticator
from social_api.auth.jwks import KeySet
from social_api.auth.revocations import Revocations
from social_api.auth.tokens import Verifier
from social_api.auth.verdicts import Verdicts
from social_api.background import Background
from social_api.feed.fragments import Fragments
from social_api.keycloak import Keycloak
from social_api.limits import Limiter
from social_api.live import Live
from social_api.media.links import LinkSigner
from social_api.media.uploads import UploadSigner
from social_api.problems import MethodNotAllowed, NotFound, Unavailable
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
                services.authenticator.follow(),
                keep_keys(keys),
                idempotency.purge(services.database),
                live.wakeups.listen(),
            )
        )
        yield Running(app, loops)


async def _open(settings: Settings, keycloak: Keycloak, keys: KeySet, stack: AsyncExitStack) -> Services:
    """Open what handlers work with; `stack` closes it."""
    database = await Database.open(
        settings.database_url, settings.database_password, name="social_api", minimum=2, maximum=20
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
        fragments=Fragments(),
    )


def _application(services: Services, limiter: Limiter, live: Live, readiness: health.Readiness) -> web.Application:
    largest = max((route.max_body for route in ROUTES), default=0)
    app = web.Application(client_max_size=largest + 1)
    for route in ROUTES:
        app.router.add_route(route.method, PREFIX + route.path, Endpoint(route, services, limiter).answer)
    pages: dict[str, Handler] = {
        **docs.pages(PREFIX, services.settings.public_url, services.settings.issuer),
        "/ws": live.answer,
        "/health": readiness.answer,
        "/metrics": health.metrics,
    }
    for path, page in pages.items():
        app.router.add_route("GET", path, _guarded(page, services.settings.public_url))
    known = [(PREFIX + route.path, route.method) for route in ROUTES] + [(path, "GET") for path in pages]
    _add_refusals(app, known, services.settings.public_url)
    app.on_shutdown.append(live.close)
    return app


def _add_refusals(app: web.Application, known: Sequence[tuple[str, str]], public_url: str) -> None:
    """Answer a wrong method with 405 and everything else with 404."""
    methods: dict[str, list[str]] = {}
    for path, method in known:
        methods.setdefault(path, []).append(method)
    for path, allowed in methods.items():
        app.router.add_route("*", path, _guarded(_refusing_other_methods(allowed), public_url))
    app.router.add_route("*", "/{path:.*}", _guarded(_nothing_here, public_url))


def open_valkey(settings: Settings) -> Redis:
    """A client that gives up within a second and does not retry: everything it is used for can do without it."""
    return connect_valkey(
        settings.valkey_url,
        settings.valkey_password,
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


def _guarded(handler: Handler, public_url: str) -> Handler:
    """`handler` with its errors as problem documents; endpoints do it themselves, and pay for no middleware."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception as error:  # noqa: BLE001 - as in the adapter: every error becomes an answer
            request_id = telemetry.request_id(request.headers.get("X-Request-Id"))
            return answers.problem(answers.problem_of(error), request, public_url, request_id)

    return guarded


def _refusing_other_methods(allowed: Sequence[str]) -> Handler:
    async def refuse(_request: web.Request) -> web.StreamResponse:
        raise MethodNotAllowed(allowed=", ".join(sorted(allowed)))

    return refuse


async def _nothing_here(_request: web.Request) -> web.StreamResponse:
    raise NotFound
