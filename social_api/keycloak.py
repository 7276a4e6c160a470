"""Keycloak, asked directly: codes and refresh tokens for tokens, and whether a token is still good."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout

from social_api.problems import Unavailable
from social_api.settings import Settings

WEB_CLIENT = "meton-web"
_REFRESHES_AT_ONCE = 4
_TIMEOUT = ClientTimeout(total=10, connect=3)


class Tokens(msgspec.Struct):
    """What Keycloak's token endpoint answers."""

    access_token: str
    refresh_token: str
    expires_in: int
    """Seconds that the access token is good for."""
    refresh_expires_in: int
    """Seconds that the refresh token is good for."""


class RefusedError(Exception):
    """Keycloak says no to this code or token: it is wrong, used, too old, or its session or account has ended."""


class Keycloak:
    """Calls to one realm; each raises `Unavailable` when Keycloak does not answer properly within ten seconds."""

    def __init__(self, http: ClientSession, settings: Settings) -> None:
        self._http = http
        self._endpoint = f"{settings.realm_url}/protocol/openid-connect"
        self.refreshing = asyncio.Semaphore(_REFRESHES_AT_ONCE)
        """Refreshes hold a database connection: a slow Keycloak must not take them all."""
        self._credentials = {
            "client_id": settings.keycloak_client_id,
            "client_secret": settings.keycloak_client_secret,
        }

    async def exchange(self, code: str, code_verifier: str, redirect_uri: str) -> Tokens:
        """Tokens for an authorization code that meton-web was given; raises RefusedError."""
        return await self._tokens(
            grant_type="authorization_code", code=code, code_verifier=code_verifier, redirect_uri=redirect_uri
        )

    async def refresh(self, refresh_token: str) -> Tokens:
        """The next pair of tokens; raises RefusedError. Keycloak ends the session when the token was used before."""
        return await self._tokens(grant_type="refresh_token", refresh_token=refresh_token)

    async def introspect(self, access_token: str) -> bool:
        """Whether Keycloak itself says the token is good now."""
        status, body = await self._post("token/introspect", {**self._credentials, "token": access_token})
        if status != 200:
            raise Unavailable
        return msgspec.json.decode(body, type=_Introspection).active

    async def keys(self) -> list[dict[str, Any]]:
        """The realm's public keys (JWK)."""
        try:
            async with self._http.get(f"{self._endpoint}/certs", timeout=_TIMEOUT, allow_redirects=False) as response:
                body = await response.read()
        except (ClientError, TimeoutError) as error:
            raise Unavailable from error
        if response.status != 200:
            raise Unavailable
        try:
            return msgspec.json.decode(body, type=_Keys).keys
        except msgspec.MsgspecError as error:
            raise Unavailable from error

    async def _tokens(self, **form: str) -> Tokens:
        status, body = await self._post("token", {"client_id": WEB_CLIENT, **form})
        if status in (400, 401):
            raise RefusedError
        if status != 200:
            raise Unavailable
        return msgspec.json.decode(body, type=Tokens)

    async def _post(self, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        try:
            async with self._http.post(
                f"{self._endpoint}/{path}", data=form, timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                return response.status, await response.read()
        except (ClientError, TimeoutError) as error:
            raise Unavailable from error


class _Introspection(msgspec.Struct):
    active: bool


class _Keys(msgspec.Struct):
    keys: list[dict[str, Any]]
