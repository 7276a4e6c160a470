"""Signing in to the homeserver as Element does: SSO in the browser, then the login token for a device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import aiohttp
from bs4 import BeautifulSoup

from tests.support.keycloak_browser import FormRefusedError, KeycloakBrowser, form

# another origin than ours, so the homeserver asks before it hands over the token
ELEMENT = "https://app.element.io/"


@dataclass(frozen=True, slots=True)
class MatrixLogin:
    """A device of a person, as `POST /login` answered."""

    homeserver: str
    user_id: str
    access_token: str
    device_id: str


async def login(
    public_url: str,
    username: str,
    password: str,
    *,
    browser: KeycloakBrowser | None = None,
    client_url: str = ELEMENT,
    device_name: str = "test",
) -> MatrixLogin:
    """Sign in at `public_url` by SSO with Keycloak's form; a `browser` that is signed in already shows no form.

    Raises FormRefusedError for a wrong password or a disabled person.
    """
    if browser is not None:
        token = await login_token(browser, username, password, client_url)
    else:
        async with KeycloakBrowser(public_url) as fresh:
            token = await login_token(fresh, username, password, client_url)
    return await redeem(public_url, token, device_name)


async def login_token(browser: KeycloakBrowser, username: str, password: str, client_url: str = ELEMENT) -> str:
    """The one-time token that the homeserver sends to the client at `client_url`."""
    provider = await _provider(browser.public_url)
    start = (
        f"{browser.public_url}/_matrix/client/v3/login/sso/redirect/{provider}?redirectUrl={quote(client_url, safe='')}"
    )
    landed = await browser.follow(start, client_url)
    if isinstance(landed, BeautifulSoup) and landed.find("form", id="kc-form-login"):
        filled = form(landed, "kc-form-login")
        landed = await browser.send(filled, {"username": username, "password": password}, client_url)
    address = landed if isinstance(landed, str) else _confirmed(landed, client_url)
    return parse_qs(urlsplit(address).query)["loginToken"][0]


async def redeem(public_url: str, token: str, device_name: str = "test") -> MatrixLogin:
    """A new device for a login token, which is good once."""
    body = {"type": "m.login.token", "token": token, "initial_device_display_name": device_name}
    url = f"{public_url}/_matrix/client/v3/login"
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
        document: dict[str, Any] = await answer.json()
        assert answer.status == 200, document
    return MatrixLogin(public_url, document["user_id"], document["access_token"], document["device_id"])


async def _provider(public_url: str) -> str:
    """The identity provider the homeserver offers, as a client finds it."""
    async with aiohttp.ClientSession() as session, session.get(f"{public_url}/_matrix/client/v3/login") as answer:
        flows = (await answer.json())["flows"]
    return str(next(flow for flow in flows if flow["type"] == "m.login.sso")["identity_providers"][0]["id"])


def _confirmed(page: BeautifulSoup, client_url: str) -> str:
    """The link on the homeserver's page that asks whether to go on to this client."""
    for link in page.find_all("a", href=True):
        if str(link["href"]).startswith(client_url):
            return str(link["href"])
    raise FormRefusedError(200, page)
