"""People of the journeys: each registers at Keycloak's form, as anybody would, and signs in to the API."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

import aiohttp

from stack.installation import Installation
from tests.support import matrix_sso
from tests.support.api import Answer, Api
from tests.support.keycloak_browser import Code, KeycloakBrowser
from tests.support.matrix_sso import MatrixLogin
from tests.support.waiting import eventually

SignUp = Callable[..., Awaitable["Person"]]


@dataclass(slots=True)
class Person:
    """Somebody with an account, a browser that is signed in, and a session at the API."""

    username: str
    password: str
    browser: KeycloakBrowser
    api: Api
    session: dict[str, Any]

    @property
    def connect_id(self) -> str:
        """The handle."""
        return f"{self.username}@meton"

    async def chat_account(self) -> str:
        """The Matrix user id, as soon as the API names it: an app waits for it before it opens the chat."""

        async def named() -> str | None:
            account = (await self.api.get("/v1/me"))["matrix"]
            return account["user_id"] if account else None

        return await eventually(named)

    async def matrix(self, device_name: str = "test") -> MatrixLogin:
        """A new Matrix device, by single sign-on as Element does."""
        await self.chat_account()
        return await matrix_sso.login(
            self.api.public_url, self.username, self.password, browser=self.browser, device_name=device_name
        )


async def request_session(api: Api, code: Code) -> Answer:
    """Hand an authorization code to the API, as a native app does, and use the token that it answers from now on."""
    body = {**asdict(code), "device": {"name": "journey"}}
    answer = await api.call("POST", "/v1/sessions", body)
    if answer.status == 201:
        api.token = answer.body["access_token"]
    return answer


@asynccontextmanager
async def people(installation: Installation) -> AsyncIterator[SignUp]:
    """`sign_up(name, locale=…)` makes a new person of the running stack; their browsers are closed at the end.

    With `element_first` they sign in to the homeserver before the API has ever seen them.
    """
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120)))

        async def sign_up(name: str, locale: str = "en", *, element_first: bool = False) -> Person:
            username, password = f"{name}-{secrets.token_hex(4)}", secrets.token_urlsafe(16)
            browser = await stack.enter_async_context(KeycloakBrowser(installation.public_url, language=locale))
            code = await browser.register(
                username, password, f"{username}@example.org", locale=locale, first_name=name.capitalize()
            )
            if element_first:
                await matrix_sso.login(installation.public_url, username, password, browser=browser)
            api = Api(http, installation.public_url)
            session = await request_session(api, code)
            assert session.status == 201, session
            return Person(username, password, browser, api, session.body)

        yield sign_up
