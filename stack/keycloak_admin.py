"""Keycloak's admin API, as much of it as the stack needs."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode

from stack.installation import Installation

SECONDS = 30.0
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class RefusedError(Exception):
    """Keycloak answered with an error; `status` is the HTTP status."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class KeycloakAdmin:
    """The admin API of an installation, on one connection (`with`). Its calls raise RefusedError and OSError."""

    def __init__(self, installation: Installation) -> None:
        self._connection = HTTPConnection("127.0.0.1", installation.port("keycloak"), timeout=SECONDS)
        self._headers: dict[str, str] = {}

    def __enter__(self) -> KeycloakAdmin:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def sign_in(self, client: str, secret: str) -> None:
        """From now on act as this client of the realm master, which has a service account."""
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
        answer = self._send("POST", "/auth/realms/master/protocol/openid-connect/token", urlencode(form), FORM)
        self.use(answer["access_token"])

    def use(self, token: str) -> None:
        """From now on act with this access token."""
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def get(self, path: str, **query: str) -> Any:
        """What is at `path` below the realms (`meton/clients`)."""
        return self._call("GET", f"{path}?{urlencode(query)}" if query else path)

    def find(self, path: str) -> Any | None:
        """What is at `path`, or None when nothing is."""
        try:
            return self.get(path)
        except RefusedError as error:
            if error.status == 404:
                return None
            raise

    def find_client(self, realm: str, name: str) -> dict[str, Any] | None:
        """The client of that name with its secret, or None."""
        found: list[dict[str, Any]] = self.get(f"{realm}/clients", clientId=name)
        return found[0] if found else None

    def client_id(self, realm: str, name: str) -> str:
        """The internal id of a client; LookupError when there is none."""
        client = self.find_client(realm, name)
        if client is None:
            raise LookupError(f"realm {realm} has no client {name}")
        return str(client["id"])

    def post(self, path: str, body: Any) -> None:
        """Make something; refused with 409 when it exists."""
        self._call("POST", path, body)

    def put(self, path: str, body: Any = None) -> None:
        """Change something."""
        self._call("PUT", path, body)

    def delete(self, path: str, body: Any = None) -> None:
        """Remove something."""
        self._call("DELETE", path, body)

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        address = f"/auth/admin/realms/{quote(path, safe='/?&=%+')}" if path else "/auth/admin/realms"
        return self._send(method, address, None if body is None else json.dumps(body), self._headers)

    def _send(self, method: str, address: str, body: str | None, headers: dict[str, str]) -> Any:
        """The answer's document, None when it has none."""
        self._connection.request(method, address, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode(errors="replace")
        if answer.status >= 400:
            raise RefusedError(answer.status, f"{method} {address}: {answer.status} {text[:500]}")
        return json.loads(text) if text else None
