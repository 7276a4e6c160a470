"""The REST API and `/ws` as a client sees them: through the gateway, with a bearer token."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec

from tests.support.waiting import eventually

# 409: the same request is still being worked on
AWAY = frozenset({409, 429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, read to its end."""

    status: int
    body: Any
    headers: dict[str, str]


class Api:
    """One person (or nobody) at `{public_url}/api`."""

    def __init__(self, http: aiohttp.ClientSession, public_url: str, token: str | None = None) -> None:
        self.http = http
        self.public_url = public_url
        self.token = token

    async def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """Send one request to `/api{path}`; every write carries an Idempotency-Key of its own."""
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if method in ("POST", "PATCH", "PUT"):
            sent["Idempotency-Key"] = str(uuid.uuid4())
        sent |= headers or {}
        async with self.http.request(method, f"{self.public_url}/api{path}", json=body, headers=sent) as answer:
            raw = await answer.read()
            is_json = "json" in answer.headers.get("Content-Type", "")
            return Answer(answer.status, msgspec.json.decode(raw) if is_json and raw else raw, dict(answer.headers))

    async def patiently(self, method: str, path: str, body: Any = None, seconds: float = 90) -> Any:
        """The same request, same key, again while the server is away, as a good client does; its body at last."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}

        async def once() -> Answer | None:
            try:
                answer = await self.call(method, path, body, headers)
            except (aiohttp.ClientError, TimeoutError):
                return None
            return None if answer.status in AWAY else answer

        answer = await eventually(once, seconds, every=0.5)
        assert answer.status < 300, f"{method} {path}: {answer.status} {answer.body}"
        return answer.body

    async def _done(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.call(method, path, body)
        assert answer.status < 300, f"{method} {path}: {answer.status} {answer.body}"
        return answer.body

    async def get(self, path: str) -> Any:
        """The body of a GET that must succeed."""
        return await self._done("GET", path)

    async def post(self, path: str, body: Any = None) -> Any:
        """The body of a POST that must succeed."""
        return await self._done("POST", path, body)

    async def put(self, path: str, body: Any = None) -> Any:
        """The body of a PUT that must succeed."""
        return await self._done("PUT", path, body)

    async def delete(self, path: str) -> Any:
        """The body of a DELETE that must succeed."""
        return await self._done("DELETE", path)


class Live:
    """One open `/ws`; remembers every event it was sent."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.events: list[dict[str, Any]] = []

    async def event(self, kind: str, seconds: float = 60) -> dict[str, Any]:
        """The first event of this type that has come or will come within `seconds`."""
        for event in self.events:
            if event["type"] == kind:
                return event
        while True:
            said = await self._socket.receive_json(timeout=seconds)
            self.events.append(said)
            if said.get("type") == kind:
                return dict(said)


@asynccontextmanager
async def live(api: Api, cursor: int | None = None) -> AsyncIterator[Live]:
    """Open `/ws` as the person of `api`, resuming after `cursor` when one is given."""
    address = api.public_url.replace("http", "ws", 1) + "/ws"
    async with api.http.ws_connect(address) as socket:
        hello: dict[str, Any] = {"type": "hello", "token": api.token}
        if cursor is not None:
            hello["cursor"] = cursor
        await socket.send_json(hello)
        yield Live(socket)
