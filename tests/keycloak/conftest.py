"""The admin API of the test stack's Keycloak, and people who are gone after the test."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from stack import keycloak_access
from stack.installation import Installation
from stack.keycloak_admin import KeycloakAdmin


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account; `user_id` is Keycloak's `sub`."""

    user_id: str
    username: str
    password: str


@pytest.fixture
def admin(installation: Installation) -> Iterator[KeycloakAdmin]:
    """Signed in as the stack is."""
    with KeycloakAdmin(installation) as connected:
        keycloak_access.sign_in(connected, installation)
        yield connected


@pytest.fixture
def person(admin: KeycloakAdmin) -> Iterator[Person]:
    """Somebody made by the admin API, who can sign in."""
    username, password = f"test-{secrets.token_hex(4)}", "correct horse battery"
    credential = {"type": "password", "value": password, "temporary": False}
    body = {"username": username, "email": f"{username}@example.org", "enabled": True, "credentials": [credential]}
    admin.post("meton/users", body)
    user_id = admin.get("meton/users", username=username, exact="true")[0]["id"]
    yield Person(user_id, username, password)
    admin.delete(f"meton/users/{user_id}")
