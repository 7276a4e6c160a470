"""From a `Route` to an aiohttp handler. Below here nobody knows of requests.

Request id → who is it → rate limit → path, query, body → one transaction → answer. Everything that a route's definition
says is worked out once, when the endpoint is made; a request only walks through it.
"""

from __future__ import annotations

import inspect
import time
from dataclasses import fields
from typing import Any, get_type_hints

import asyncpg
import msgspec
from aiohttp import web
from multidict import CIMultiDict

from db.engine import Transaction
from social_api import answers, idempotency, requests, telemetry
from social_api.auth.actor import Actor
from social_api.deadline import Deadline
from social_api.limits import Limiter
from social_api.pages import Cursors
from social_api.problems import NotFound
from social_api.route import ANYONE, Reply, Route
from social_api.services import Services

DEADLINE = 20.0
"""Seconds for one request; then it is rolled back and answered 503."""
ATTEMPTS = 3
"""How often a transaction is tried that PostgreSQL gave up for the sake of another one."""

_encoder = msgspec.json.Encoder()


class Endpoint:
    """One route at work."""

    def __init__(self, route: Route, services: Services, limiter: Limiter) -> None:
        hints = get_type_hints(route.handler)
        wanted = set(inspect.signature(route.handler).parameters)
        self._route = route
        self._handler = route.handler
        self._database = services.database
        self._settings = services.settings
        self._authenticator = services.authenticator
        self._limiter = limiter
        self._deadline = Deadline(DEADLINE)
        self._metrics = telemetry.metrics_of(route.method, route.path)
        self._services = {f.name: getattr(services, f.name) for f in fields(services) if f.name in wanted}
        self._path = [
            (name, requests.PATH_TYPES[hints[name]]) for name in sorted(wanted) if f"{{{name}}}" in route.path
        ]
        self._wants_page = "page" in wanted
        self._wants_query = "query" in wanted
        self._wants_actor = "actor" in wanted
        self._wants_client = "client" in wanted
        self._wants_request_id = "request_id" in wanted
        self._wants_tx = "tx" in wanted
        self._body = None if route.body is None else requests.BodyReader(route.body, route.max_body)
        cursors = Cursors(services.settings.cursor_key, route.path) if self._wants_page else None
        self._query = requests.QueryReader(route.query, cursors)
        self._headers = CIMultiDict(
            {
                "Content-Type": "application/json",
                "Cache-Control": answers.NO_STORE,
                "RateLimit-Policy": f'"{route.limit.name}";q={route.limit.per_minute};w=60',
            }
        )
        self._refuse_unknown(wanted)

    def _refuse_unknown(self, wanted: set[str]) -> None:
        """A mistake in routes.py is found when the service starts."""
        known = {"actor", "tx", "page", "client", "request_id", *self._services, *(name for name, _ in self._path)}
        known |= {"body"} if self._route.body else set()
        known |= {"query"} if self._route.query else set()
        if unknown := wanted - known:
            raise TypeError(f"{self._route.method} {self._route.path}: nobody gives the handler {sorted(unknown)}")
        if self._wants_actor and self._route.auth is ANYONE:
            raise TypeError(f"{self._route.path}: there is no actor where anyone may come")
        if self._route.roles and self._route.auth is ANYONE:
            raise TypeError(f"{self._route.path}: nobody has a role where anyone may come")
        if self._route.idempotent and not (self._wants_tx and self._route.auth is not ANYONE):
            raise TypeError(f"{self._route.path}: an idempotent route needs a person and a transaction")

    async def answer(self, request: web.Request) -> web.Response:
        """The aiohttp handler."""
        started = time.perf_counter()
        request_id = telemetry.request_id(request.headers.get("X-Request-Id"))
        try:
            with self._deadline:
                response = await self._answer(request, request_id)
        except Exception as error:  # noqa: BLE001 - the one place where every error becomes an answer
            response = answers.problem(answers.problem_of(error), request, self._settings.public_url, request_id)
        self._metrics.answered(response.status, time.perf_counter() - started)
        return response

    async def _answer(self, request: web.Request, request_id: str) -> web.Response:
        actor = None if self._route.auth is ANYONE else await self._authenticate(request)
        if self._route.roles and (actor is None or self._route.roles.isdisjoint(actor.roles)):
            raise NotFound
        who = actor.subject if actor is not None else self._address(request)
        if not self._limiter.take(self._route.limit, who):
            await self._limiter.lease(self._route.limit, who)
        arguments, body = await self._arguments(request, request_id, actor)
        if not self._wants_tx:
            return self._response(await self._handler(**arguments), request_id)
        if self._route.method == "GET":
            async with self._database.reading() as tx:
                value = await self._handler(tx=tx, **arguments)
            return self._response(value, request_id)
        asked = self._repeatable(request, actor, body) if self._route.idempotent else None
        return self._response(await self._write(arguments, asked), request_id)

    async def _authenticate(self, request: web.Request) -> Actor:
        token = requests.bearer_token(request)
        return self._authenticator.known(token) or (await self._authenticator.admit(token)).actor

    def _address(self, request: web.Request) -> str:
        return f"address:{requests.client_address(request, self._settings.gateway_networks)}"

    async def _arguments(
        self, request: web.Request, request_id: str, actor: Actor | None
    ) -> tuple[dict[str, Any], bytes]:
        """What the handler asks for, but for `tx`, and the bytes of the body."""
        arguments = self._services.copy()
        if self._wants_actor:
            arguments["actor"] = actor
        for name, read in self._path:
            arguments[name] = read(request.match_info[name])
        if self._wants_page or self._route.query is not None or request.query_string:
            query, page = self._query.read(request)
            if self._wants_query:
                arguments["query"] = query
            if page is not None:
                arguments["page"] = page
        if self._wants_client:
            arguments["client"] = requests.client(request, self._settings.gateway_networks)
        if self._wants_request_id:
            arguments["request_id"] = request_id
        if self._body is None:
            return arguments, b""
        body = await self._body.read(request)
        arguments["body"] = self._body.decode(body)
        return arguments, body

    def _repeatable(self, request: web.Request, actor: Actor | None, body: bytes) -> idempotency.Request | None:
        key = request.headers.get(idempotency.HEADER)
        if key is None or actor is None:
            return None
        return idempotency.request(actor.user_id, key, request.method, request.path_qs, body)

    async def _write(self, arguments: dict[str, Any], asked: idempotency.Request | None) -> Any:
        """Run the handler in a transaction; again when PostgreSQL asks for it."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with self._database.transaction() as tx:
                    return await self._once(tx, arguments, asked)
            except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError("the last attempt returns or raises")

    async def _once(self, tx: Transaction, arguments: dict[str, Any], asked: idempotency.Request | None) -> Any:
        """Run the handler, unless this request was answered before: then give that answer."""
        if asked is None:
            return await self._handler(tx=tx, **arguments)
        earlier = await idempotency.begin(tx, asked)
        if earlier is not None:
            return earlier
        value = await self._handler(tx=tx, **arguments)
        await idempotency.finish(tx, asked, self._route.status, value)
        return value

    def _response(self, value: Any, request_id: str) -> web.Response:
        headers = self._headers.copy()
        headers["X-Request-Id"] = request_id
        if isinstance(value, Reply):
            headers.extend(value.headers)
            value = value.value
        elif isinstance(value, idempotency.Answer):
            headers["Idempotency-Replayed"] = "true"
            # JSONB sorts an object's members: by way of the type the answer is the same byte for byte
            value = None if value.value is None else msgspec.convert(value.value, self._route.returns)
        if value is None:
            del headers["Content-Type"]
            return web.Response(status=self._route.status, headers=headers)
        return web.Response(status=self._route.status, body=_encoder.encode(value), headers=headers)
