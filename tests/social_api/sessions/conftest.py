"""The API in this process with the real Keycloak of the test stack behind it."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import BaseTestServer, TestServer
from multidict import CIMultiDict

from social_api import app as api_app
from social_api.settings import Settings
from stack.installation import Installation
from tests.support.keycloak_browser import Code, KeycloakBrowser


@dataclass(frozen=True)
class Answer:
    """An answer, with its headers."""

    status: int
    body: Any
    headers: CIMultiDict[str]


class Desk:
    """Where one signs in; `browser` is a browser in which somebody new has just registered."""

    def __init__(self, http: aiohttp.ClientSession, url: str, public_url: str, browser: KeycloakBrowser) -> None:
        self._http = http
        self._url = url
        self.public_url = public_url
        self.browser = browser
        self.username = f"session-{secrets.token_hex(4)}"
        self.password = secrets.token_urlsafe(12)

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """A request; header names are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._http.request(method, f"{self._url}/api{path}", json=body, headers=sent) as answer:
            is_json = "json" in answer.headers.get("Content-Type", "")
            return Answer(
                answer.status, await answer.json(content_type=None) if is_json else None, answer.headers.copy()
            )

    async def register(self) -> Code:
        """Make the account; a code for the API."""
        return await self.browser.register(self.username, self.password, f"{self.username}@example.org")

    async def login(self) -> Code:
        """Sign in again; a code for the API."""
        return await self.browser.login(self.username, self.password)

    async def create(self, code: Code, *, transport: str = "body", **headers: str) -> Answer:
        """POST /v1/sessions."""
        body = {
            "code": code.code,
            "code_verifier": code.code_verifier,
            "redirect_uri": code.redirect_uri,
            "device": {"name": "Alice's phone", "platform": "android"},
            "transport": transport,
        }
        return await self.call("POST", "/v1/sessions", body, **headers)

    async def refresh(self, token: str) -> Answer:
        """POST /v1/sessions/refresh, as a native app does."""
        return await self.call("POST", "/v1/sessions/refresh", {"refresh_token": token})

    async def current(self, access_token: str) -> dict[str, bool]:
        """GET /v1/sessions: the id of each, and whether it is the one that asks."""
        listed = await self.call("GET", "/v1/sessions", Authorization=f"Bearer {access_token}")
        return {session["id"]: session["current"] for session in listed.body["items"]}

    def at(self, server: BaseTestServer) -> Desk:
        """The same person at another process."""
        return Desk(self._http, _url(server), self.public_url, self.browser)

    async def me(self, access_token: str) -> int:
        """The status of GET /v1/me."""
        return (await self.call("GET", "/v1/me", Authorization=f"Bearer {access_token}")).status


@pytest.fixture
def keycloak_settings(settings: Settings, installation: Installation) -> Settings:
    return dataclasses.replace(
        settings,
        public_url=installation.public_url,
        keycloak_url=f"{installation.url('keycloak')}/auth",
        keycloak_client_secret=installation.secret("keycloak_api"),
    )


@pytest.fixture
async def desk(keycloak_settings: Settings) -> AsyncIterator[Desk]:
    public_url = keycloak_settings.public_url
    async with (
        api_app.running(keycloak_settings) as running,
        TestServer(running.app) as server,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
        KeycloakBrowser(public_url) as browser,
    ):
        yield Desk(http, _url(server), public_url, browser)


def _url(server: BaseTestServer) -> str:
    return str(server.make_url("")).rstrip("/")
