"""Who rules Keycloak: a client of the stack's own, and a permanent admin for the console."""

from __future__ import annotations

from stack.installation import Installation
from stack.keycloak_admin import KeycloakAdmin, RefusedError
from stack.trouble import Trouble

STACK_CLIENT = "meton-stack"
BOOTSTRAP_CLIENT = "meton-bootstrap"
ADMIN = "admin"


def sign_in(admin: KeycloakAdmin, installation: Installation) -> None:
    """As the stack's own client, which the first call makes. Raises Trouble when Keycloak does not let it in."""
    secret = installation.secret("keycloak_stack")
    try:
        admin.sign_in(STACK_CLIENT, secret)
    except RefusedError:
        _sign_in_first(admin, installation)
        _make_stack_client(admin, secret)
        admin.sign_in(STACK_CLIENT, secret)
    if admin.find_client("master", BOOTSTRAP_CLIENT):
        admin.delete(f"master/clients/{admin.client_id('master', BOOTSTRAP_CLIENT)}")
    _make_console_admin(admin, installation.secret("keycloak_admin"))


def _sign_in_first(admin: KeycloakAdmin, installation: Installation) -> None:
    try:
        admin.sign_in(BOOTSTRAP_CLIENT, installation.secret("keycloak_bootstrap"))
    except RefusedError as error:
        raise Trouble(
            f"Keycloak refuses {STACK_CLIENT} with the secret in {installation.secret_file('keycloak_stack')}.",
            f"Set that secret at the client {STACK_CLIENT} in the console (realm master), then run `./meton up` again.",
        ) from error


def _make_stack_client(admin: KeycloakAdmin, secret: str) -> None:
    """A confidential client that can do nothing but sign in as its own service account, which holds the role admin."""
    wanted = {
        "clientId": STACK_CLIENT,
        "name": "Meton's own stack: keeps the realm in line with its file",
        "secret": secret,
        "publicClient": False,
        "serviceAccountsEnabled": True,
        "standardFlowEnabled": False,
        "directAccessGrantsEnabled": False,
    }
    # enabled last, so that one that can sign in has its role, wherever this is cut short
    if not admin.find_client("master", STACK_CLIENT):
        admin.post("master/clients", {**wanted, "enabled": False})
    path = f"master/clients/{admin.client_id('master', STACK_CLIENT)}"
    _give_admin_role(admin, admin.get(f"{path}/service-account-user")["id"])
    admin.put(path, {**wanted, "enabled": True})


def _make_console_admin(admin: KeycloakAdmin, password: str) -> None:
    """A permanent `admin`, unless some person holds that role already; and no endless guessing at the console."""
    if not admin.get("master")["bruteForceProtected"]:
        admin.put("master", {"realm": "master", "bruteForceProtected": True})
    holders = admin.get("master/roles/admin/users")
    if any(not holder["username"].startswith("service-account-") for holder in holders):
        return
    if not admin.get("master/users", username=ADMIN, exact="true"):
        credential = {"type": "password", "value": password, "temporary": False}
        admin.post("master/users", {"username": ADMIN, "enabled": True, "credentials": [credential]})
    person = admin.get("master/users", username=ADMIN, exact="true")[0]
    _give_admin_role(admin, person["id"])


def _give_admin_role(admin: KeycloakAdmin, user: str) -> None:
    admin.post(f"master/users/{user}/role-mappings/realm", [admin.get("master/roles/admin")])
