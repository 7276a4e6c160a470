"""The demo people's accounts in Keycloak."""

from __future__ import annotations

from stack import keycloak_access
from stack.installation import Installation
from stack.keycloak_admin import KeycloakAdmin

PEOPLE = {"alice": ("Alice", "Sharma"), "bob": ("Bob", "Verma"), "charlie": ("Charlie", "Dias")}


def make_account(installation: Installation, name: str, full_name: tuple[str, str]) -> None:
    """An account in Keycloak with the password in secret `demo_{name}`, unless there is one of that name."""
    account = {
        "username": name,
        "firstName": full_name[0],
        "lastName": full_name[1],
        "email": f"{name}@demo.invalid",
        "emailVerified": True,
        "enabled": True,
        "credentials": [{"type": "password", "value": installation.secret(f"demo_{name}"), "temporary": False}],
    }
    with KeycloakAdmin(installation) as admin:
        keycloak_access.sign_in(admin, installation)
        if not admin.get("meton/users", username=name, exact="true"):
            admin.post("meton/users", account)
