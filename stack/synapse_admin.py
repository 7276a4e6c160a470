"""Synapse's one server admin, `boot-…`: an account without a password whose token the appservice uses."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

from stack.installation import Installation
from stack.trouble import Trouble

PREFIX = "boot-"
TOKEN = "synapse_admin_token"  # noqa: S105 (its name)
SECONDS = 30.0


def make_sure(installation: Installation) -> None:
    """Keep a token of a server admin as `synapse_admin_token`; a new admin replaces the one whose token is dead.

    Idempotent. Raises Trouble when Synapse refuses.
    """
    if installation.knows(TOKEN) and is_alive(installation, installation.secret(TOKEN)):
        return
    made = register(installation)
    installation.keep_secret(TOKEN, made["access_token"])
    retire_others(installation, made["access_token"], made["user_id"])


def is_alive(installation: Installation, token: str) -> bool:
    """Whether the token still opens the admin API."""
    status, _ = _ask(installation, "GET", f"/_synapse/admin/v2/users?name={PREFIX}&limit=1", token=token)
    return status == 200


def register(installation: Installation) -> dict[str, Any]:
    """A new admin, by the registration shared secret: that needs neither open registration nor password logins."""
    _, answer = _ask(installation, "GET", "/_synapse/admin/v1/register")
    wanted = {
        "nonce": answer["nonce"],
        "username": PREFIX + secrets.token_hex(8),
        "password": secrets.token_urlsafe(32),  # forgotten here; password logins are off
    }
    signed = "\0".join([wanted["nonce"], wanted["username"], wanted["password"], "admin"])
    key = installation.secret("synapse_registration").encode()
    mac = hmac.new(key, signed.encode(), hashlib.sha1).hexdigest()
    status, made = _ask(installation, "POST", "/_synapse/admin/v1/register", {**wanted, "admin": True, "mac": mac})
    if status != 200:
        raise Trouble(f"Synapse did not make its admin account: {made.get('error', status)}")
    return made


def retire_others(installation: Installation, token: str, user: str) -> None:
    """Close the boot- accounts other than `user`: an admin nobody holds a token of is a door nobody watches."""
    path = f"/_synapse/admin/v2/users?user_id={quote('@' + PREFIX)}&admins=true&deactivated=false&limit=100"
    _, answer = _ask(installation, "GET", path, token=token)
    for other in (entry["name"] for entry in answer["users"] if entry["name"] != user):
        _ask(installation, "POST", f"/_synapse/admin/v1/deactivate/{quote(other)}", {"erase": False}, token=token)


def _ask(
    installation: Installation, method: str, path: str, body: dict[str, Any] | None = None, *, token: str = ""
) -> tuple[int, dict[str, Any]]:
    """Status and document of one call on loopback; raises Trouble when Synapse is away."""
    connection = HTTPConnection("127.0.0.1", installation.port("synapse"), timeout=SECONDS)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except (OSError, ValueError) as error:
        raise Trouble(f"Synapse's admin API does not answer: {error}", "Look at `./meton logs synapse`.") from error
    finally:
        connection.close()
