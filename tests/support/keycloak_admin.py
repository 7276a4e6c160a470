"""What a person does at Keycloak's console: the same admin API, signed in as the same permanent admin."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from stack.installation import Installation


class KeycloakAdmin:
    """The console's admin. Each call signs in anew: console tokens live for a minute only."""

    def __init__(self, installation: Installation) -> None:
        self._url = f"{installation.public_url}/auth"
        self._password = installation.secret("keycloak_admin")

    async def disable(self, username: str) -> None:
        """Switch the account off."""
        await self._set_enabled(username, enabled=False)

    async def enable(self, username: str) -> None:
        """Switch the account on again."""
        await self._set_enabled(username, enabled=True)

    async def delete(self, username: str) -> None:
        """Delete the account."""
        async with self._signed_in() as http:
            await self._call(http, "DELETE", f"/users/{(await self._user(http, username))['id']}")

    async def logout(self, username: str) -> None:
        """End all sessions of the person."""
        async with self._signed_in() as http:
            await self._call(http, "POST", f"/users/{(await self._user(http, username))['id']}/logout")

    async def _set_enabled(self, username: str, *, enabled: bool) -> None:
        async with self._signed_in() as http:
            user = await self._user(http, username)
            await self._call(http, "PUT", f"/users/{user['id']}", {**user, "enabled": enabled})

    async def _user(self, http: aiohttp.ClientSession, username: str) -> dict[str, Any]:
        found = await self._call(http, "GET", f"/users?exact=true&username={username}")
        assert len(found) == 1, found
        return dict(found[0])

    async def _call(self, http: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> Any:
        async with http.request(method, f"{self._url}/admin/realms/meton{path}", json=body) as answer:
            assert answer.status < 300, f"{method} {path}: {answer.status} {await answer.text()}"
            return await answer.json() if answer.content_type == "application/json" else None

    @asynccontextmanager
    async def _signed_in(self) -> AsyncIterator[aiohttp.ClientSession]:
        form = {
            "grant_type": "password",
            "client_id": "admin-cli",
            "username": "admin",
            "password": self._password,
        }
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as http:
            url = f"{self._url}/realms/master/protocol/openid-connect/token"
            async with http.post(url, data=form) as answer:
                document = await answer.json()
            http.headers["Authorization"] = f"Bearer {document['access_token']}"
            yield http
