"""A realm of a test's own in the real Keycloak, so that what one test ends there ends for no other."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stack import keycloak_access
from stack.installation import Installation
from stack.keycloak_admin import KeycloakAdmin
from stack.realm import load, values
from tests.support.keycloak_browser import KeycloakBrowser

PASSWORD = "a long enough password"


class OwnRealm:
    """Our realm under another name, and what an administrator does in its console."""

    def __init__(self, installation: Installation, admin: KeycloakAdmin, name: str) -> None:
        self.installation = installation
        self.name = name
        self._admin = admin

    def browser(self) -> KeycloakBrowser:
        """A browser that signs in to this realm."""
        browser = KeycloakBrowser(self.installation.public_url)
        browser.realm_url = f"{self.installation.public_url}/auth/realms/{self.name}"
        return browser

    async def add(self, username: str) -> str:
        """A person who can sign in with PASSWORD; their subject."""
        credential = {"type": "password", "value": PASSWORD, "temporary": False}
        account = {
            "username": username,
            "email": f"{username}@example.org",
            "enabled": True,
            "credentials": [credential],
        }
        await self.call("post", "users", account)
        found = await self.call("get", "users", username=username, exact="true")
        return str(found[0]["id"])

    async def enable(self, subject: str, enabled: bool) -> None:
        """Enable or disable an account as the console does: the whole of it is sent."""
        account = await self.call("get", f"users/{subject}")
        await self.call("put", f"users/{subject}", {**account, "enabled": enabled})

    async def sessions(self, subject: str) -> list[str]:
        """The ids of the person's living sessions."""
        return [session["id"] for session in await self.call("get", f"users/{subject}/sessions")]

    async def call(self, verb: str, path: str, *body: Any, **query: str) -> Any:
        """Any call of the admin API below the realm."""
        return await asyncio.to_thread(self._call, verb, f"{self.name}/{path}", *body, **query)

    def _call(self, verb: str, path: str, *body: Any, **query: str) -> Any:
        keycloak_access.sign_in(self._admin, self.installation)  # a token lives for a minute
        return getattr(self._admin, verb)(path, *body, **query)


@contextmanager
def own_realm(installation: Installation) -> Iterator[OwnRealm]:
    """Make the realm, and remove it at the end."""
    name = f"test-{secrets.token_hex(4)}"
    wanted = load(installation.root / "keycloak-realm", values(installation))
    with KeycloakAdmin(installation) as admin:
        keycloak_access.sign_in(admin, installation)
        admin.post("", {**wanted, "realm": name})
        try:
            yield OwnRealm(installation, admin, name)
        finally:
            keycloak_access.sign_in(admin, installation)
            admin.delete(name)
