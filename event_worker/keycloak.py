"""The few admin calls that following Keycloak needs, as its service account, on Keycloak's own port."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar

import aiohttp
import jwt
import msgspec

PAGE = 100
RENEW_BEFORE_S = 30
T = TypeVar("T")
TIMEOUT = aiohttp.ClientTimeout(total=10)


class KeycloakError(Exception):
    """Keycloak did not answer, or not as it should; nothing was learnt, try again later."""


class AdminEvent(msgspec.Struct, rename="camel"):
    """What an administrator did; `representation` is the JSON that was sent, not what was so before or after."""

    id: str
    time: int
    operation_type: str
    resource_path: str = ""
    resource_type: str = ""
    representation: str | None = None
    auth_details: dict[str, str] = {}


class UserEvent(msgspec.Struct, rename="camel"):
    """What a person did themselves."""

    id: str
    time: int
    type: str
    user_id: str | None = None
    session_id: str | None = None


class Account(msgspec.Struct):
    """A person as Keycloak knows them; `id` is the `sub` of their tokens."""

    id: str
    enabled: bool


class LoginSession(msgspec.Struct):
    """One login; `id` is the `sid` of its tokens, `start` is in epoch milliseconds."""

    id: str
    start: int


class _Token(msgspec.Struct):
    access_token: str
    expires_in: int


# kept small: Keycloak writes an event for each login and each change of anything
_ADMIN_FILTER = [("resourceTypes", "USER"), ("resourceTypes", "USER_SESSION"), ("resourceTypes", "REALM")]
_USER_FILTER = [("type", kind) for kind in ("LOGOUT", "DELETE_ACCOUNT", "USER_DISABLED_BY_PERMANENT_LOCKOUT")]


class Keycloak:
    """The realm's admin API; every call raises KeycloakError when there is no proper answer."""

    def __init__(self, url: str, realm: str, client_id: str, client_secret: str) -> None:
        self._token_url = f"{url}/realms/{realm}/protocol/openid-connect/token"
        self._admin_url = f"{url}/admin/realms/{realm}"
        self._client = {"client_id": client_id, "client_secret": client_secret, "grant_type": "client_credentials"}
        self._http = aiohttp.ClientSession(timeout=TIMEOUT)
        self._token = ""
        self._renew_at = 0.0
        self.own_subject = ""
        """Who we are in Keycloak's events; known after the first call."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._http.close()

    async def admin_events(self, since: datetime) -> AsyncIterator[AdminEvent]:
        """Changes of people, sessions and the realm since `since` (inclusive), oldest first."""
        async for page in self._pages("/admin-events", [*_ADMIN_FILTER, *_since(since)], list[AdminEvent]):
            for event in page:
                yield event

    async def user_events(self, since: datetime) -> AsyncIterator[UserEvent]:
        """Logouts and deletions by people themselves since `since` (inclusive), oldest first."""
        async for page in self._pages("/events", [*_USER_FILTER, *_since(since)], list[UserEvent]):
            for event in page:
                yield event

    def disabled_accounts(self) -> AsyncIterator[list[Account]]:
        """All disabled people, a page at a time."""
        return self._pages("/users", [("enabled", "false"), ("briefRepresentation", "true")], list[Account])

    async def account(self, subject: str) -> Account | None:
        """The person, or None when Keycloak knows no such subject."""
        body = await self._call("GET", f"/users/{subject}", may_be_missing=True)
        return None if body is None else _decode(body, Account)

    async def sessions(self, subject: str) -> list[LoginSession]:
        """The person's living logins; none when there is no such person."""
        body = await self._call("GET", f"/users/{subject}/sessions", may_be_missing=True)
        return [] if body is None else _decode(body, list[LoginSession])

    async def log_out(self, subject: str) -> None:
        """End all logins of the person; fine when there are none, or no such person."""
        await self._call("POST", f"/users/{subject}/logout", may_be_missing=True)

    async def log_out_of(self, session: str) -> None:
        """End one session; fine when it has ended already."""
        await self._call("DELETE", f"/sessions/{session}", may_be_missing=True)

    async def _pages(self, path: str, query: list[tuple[str, str]], kind: type[list[T]]) -> AsyncIterator[list[T]]:
        first = 0
        while True:
            body = await self._call("GET", path, query=[*query, ("first", str(first)), ("max", str(PAGE))])
            page = _decode(body or b"[]", kind)
            yield page
            if len(page) < PAGE:
                return
            first += PAGE

    async def _call(
        self, method: str, path: str, *, query: list[tuple[str, str]] | None = None, may_be_missing: bool = False
    ) -> bytes | None:
        """The body of a good answer, or None for a 404 that `may_be_missing`."""
        status, body = await self._send(method, path, query)
        if status == 401:  # Keycloak forgot our token: a restart, or a logout of the whole realm
            self._renew_at = 0.0
            status, body = await self._send(method, path, query)
        if status == 404 and may_be_missing and b"Realm not found" not in body:
            return None
        if status >= 300:
            raise KeycloakError(f"{method} {path}: HTTP {status}")
        return body

    async def _send(self, method: str, path: str, query: list[tuple[str, str]] | None) -> tuple[int, bytes]:
        try:
            if time.monotonic() > self._renew_at:
                await self._renew()
            headers = {"Authorization": f"Bearer {self._token}"}
            async with self._http.request(method, self._admin_url + path, params=query, headers=headers) as answer:
                return answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise KeycloakError(f"{method} {path}: {type(error).__name__}") from error

    async def _renew(self) -> None:
        """A fresh token; kept for as long as it is good, because Keycloak writes an event for each."""
        async with self._http.post(self._token_url, data=self._client) as answer:
            body = await answer.read()
        if answer.status != 200:
            raise KeycloakError(f"no token for {self._client['client_id']}: HTTP {answer.status}")
        token = _decode(body, _Token)
        self._token, self._renew_at = token.access_token, time.monotonic() + token.expires_in - RENEW_BEFORE_S
        self.own_subject = jwt.decode(token.access_token, options={"verify_signature": False})["sub"]


def _since(moment: datetime) -> list[tuple[str, str]]:
    return [("dateFrom", str(int(moment.timestamp() * 1000))), ("direction", "asc")]


def _decode(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise KeycloakError(f"not the JSON we know: {error}") from error
