"""Who gets in, and by which door only."""

from __future__ import annotations

import base64
import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import psutil
import pytest

from stack.installation import Installation
from stack.keycloak_admin import KeycloakAdmin, RefusedError
from tests.keycloak.conftest import Person
from tests.support.keycloak_browser import FormRefusedError, KeycloakBrowser, form

CLIENTS = ("meton-web", "synapse", "meton-api", "meton-backend", "admin-cli")


def post(installation: Installation, path: str, **fields: str) -> tuple[int, dict[str, Any]]:
    """Status and document of a form sent to the realm's OpenID endpoints, straight to Keycloak."""
    connection = HTTPConnection("127.0.0.1", installation.port("keycloak"), timeout=30)
    connection.request(
        "POST",
        f"/auth/realms/meton/protocol/openid-connect/{path}",
        urlencode(fields),
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    answer = connection.getresponse()
    document = json.loads(answer.read())
    connection.close()
    return answer.status, document


def authorization(installation: Installation, **changed: str | None) -> str:
    """The address where a login at meton-web begins, with some of its parameters changed or (None) left out."""
    query: dict[str, str | None] = {
        "client_id": "meton-web",
        "redirect_uri": f"{installation.public_url}/cb",
        "response_type": "code",
        "scope": "openid",
        "state": "s",
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
    }
    given = {key: value for key, value in {**query, **changed}.items() if value is not None}
    return f"{installation.public_url}/auth/realms/meton/protocol/openid-connect/auth?{urlencode(given)}"


def claims(token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    body = token.split(".")[1]
    document: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return document


@pytest.mark.parametrize("client", CLIENTS)
def test_no_client_takes_a_password_directly(
    admin: KeycloakAdmin, installation: Installation, person: Person, client: str
) -> None:
    held = admin.find_client("meton", client) or {}
    secret = {"client_secret": held["secret"]} if "secret" in held else {}
    status, answer = post(
        installation,
        "token",
        grant_type="password",
        client_id=client,
        username=person.username,
        password=person.password,
        **secret,
    )
    assert (status, answer["error"]) == (400, "unauthorized_client")


async def test_a_login_cannot_be_sent_elsewhere(installation: Installation) -> None:
    async with KeycloakBrowser(installation.public_url) as browser:
        for redirect in ("https://evil.example/cb", f"{installation.public_url}@evil.example/cb", "//evil.example"):
            page = await browser.page(authorization(installation, redirect_uri=redirect), status=400)
            assert "redirect" in page.get_text().lower()


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
    ],
)
async def test_a_login_without_pkce_is_refused(installation: Installation, changed: dict[str, str | None]) -> None:
    async with KeycloakBrowser(installation.public_url) as browser:
        landed = await browser.follow(authorization(installation, **changed), f"{installation.public_url}/cb")
    assert isinstance(landed, str)
    assert "error=invalid_request" in landed


async def test_a_code_needs_its_verifier_and_is_good_once(installation: Installation, person: Person) -> None:
    async with KeycloakBrowser(installation.public_url) as browser:
        code = await browser.login(person.username, person.password)
        redemption = {
            "grant_type": "authorization_code",
            "client_id": "meton-web",
            "code": code.code,
            "redirect_uri": code.redirect_uri,
        }
        status, _ = post(installation, "token", **redemption, code_verifier="y" * 43)
        assert status == 400
        code = await browser.login(person.username, person.password)
        assert "access_token" in await browser.tokens(code)
        status, _ = post(installation, "token", **redemption, code_verifier=code.code_verifier)
        assert status == 400


async def test_an_access_token_is_for_the_api_and_says_who_and_what(installation: Installation, person: Person) -> None:
    async with KeycloakBrowser(installation.public_url) as browser:
        tokens = await browser.tokens(await browser.login(person.username, person.password))
    said = claims(tokens["access_token"])
    assert said["iss"] == f"{installation.public_url}/auth/realms/meton"
    assert (said["aud"], said["azp"], said["typ"]) == ("meton-api", "meton-web", "Bearer")
    assert (said["sub"], said["preferred_username"]) == (person.user_id, person.username)
    assert sorted(said["roles"]) == ["default-roles-meton", "member"]
    assert said["exp"] - said["iat"] == 300
    assert "realm_access" not in said
    status, answer = post(
        installation,
        "token/introspect",
        client_id="meton-api",
        client_secret=installation.secret("keycloak_api"),
        token=tokens["access_token"],
    )
    assert (status, answer["active"], answer["sub"]) == (200, True, person.user_id)


async def test_a_refresh_token_is_good_once(installation: Installation, person: Person) -> None:
    async with KeycloakBrowser(installation.public_url) as browser:
        tokens = await browser.tokens(await browser.login(person.username, person.password))
        assert "refresh_token" in await browser.refresh(tokens["refresh_token"])
        assert (await browser.refresh(tokens["refresh_token"]))["error"] == "invalid_grant"


async def test_nobody_gets_a_token_that_outlives_the_session(installation: Installation) -> None:
    async with KeycloakBrowser(installation.public_url) as browser:
        wanted = authorization(installation, scope="openid offline_access")
        landed = await browser.follow(wanted, f"{installation.public_url}/cb")
    assert isinstance(landed, str)
    assert "error=invalid_scope" in landed


async def test_a_disabled_person_does_not_get_in(
    admin: KeycloakAdmin, installation: Installation, person: Person
) -> None:
    admin.put(f"meton/users/{person.user_id}", {"enabled": False})
    async with KeycloakBrowser(installation.public_url) as browser:
        with pytest.raises(FormRefusedError, match="disabled"):
            await browser.login(person.username, person.password)


async def test_guessing_a_password_is_stopped(installation: Installation, person: Person) -> None:
    async with KeycloakBrowser(installation.public_url) as browser:
        for _ in range(10):
            with pytest.raises(FormRefusedError, match="Invalid username or password"):
                await browser.login(person.username, "not the password")
        with pytest.raises(FormRefusedError, match="Invalid username or password"):
            await browser.login(person.username, person.password)


def test_a_username_never_changes(admin: KeycloakAdmin, person: Person) -> None:
    whole = admin.get(f"meton/users/{person.user_id}")
    with pytest.raises(RefusedError, match="read-only"):
        admin.put(f"meton/users/{person.user_id}", {**whole, "username": f"{person.username}x"})


def test_the_console_has_one_permanent_admin_and_no_temporary_one(admin: KeycloakAdmin) -> None:
    holders = admin.get("master/roles/admin/users")
    assert {holder["username"] for holder in holders} == {"admin", "service-account-meton-stack"}
    people = admin.get("master/users", briefRepresentation="false")
    assert [person["username"] for person in people] == ["admin"]
    assert "is_temporary_admin" not in people[0].get("attributes", {})
    clients = admin.get("master/clients")
    assert not [client["clientId"] for client in clients if "is_temporary_admin" in client["attributes"]]
    assert "meton-bootstrap" not in {client["clientId"] for client in clients}


async def test_the_admin_gets_into_the_console_with_the_printed_password(installation: Installation) -> None:
    async with KeycloakBrowser(installation.public_url) as browser:
        browser.realm_url = f"{installation.public_url}/auth/realms/master"
        page = await browser.page(
            f"{browser.realm_url}/protocol/openid-connect/auth?"
            + urlencode(
                {
                    "client_id": "security-admin-console",
                    "redirect_uri": f"{installation.public_url}/auth/admin/master/console/",
                    "response_type": "code",
                    "scope": "openid",
                    "code_challenge": "x" * 43,
                    "code_challenge_method": "S256",
                }
            )
        )
        landed = await browser.submit(
            form(page, "kc-form-login"),
            {"username": "admin", "password": installation.secret("keycloak_admin")},
            f"{installation.public_url}/auth/admin/master/console/",
        )
    assert "code=" in urlsplit(landed).query


def test_the_services_account_may_follow_people_and_nothing_else(installation: Installation, person: Person) -> None:
    status, answer = post(
        installation,
        "token",
        grant_type="client_credentials",
        client_id="meton-backend",
        client_secret=installation.secret("keycloak_backend"),
    )
    assert status == 200
    with KeycloakAdmin(installation) as backend:
        backend.use(answer["access_token"])
        assert backend.get(f"meton/users/{person.user_id}")["username"] == person.username
        assert isinstance(backend.get("meton/admin-events", max="1"), list)
        backend.post(f"meton/users/{person.user_id}/logout", {})
        for path in ("meton/clients", "meton/roles", "meton/components", "master/users"):
            with pytest.raises(RefusedError) as refusal:
                backend.get(path)
            assert refusal.value.status == 403


def test_nobody_can_become_somebody_else(admin: KeycloakAdmin, person: Person) -> None:
    with pytest.raises(RefusedError):
        admin.post(f"meton/users/{person.user_id}/impersonation", {})


def test_keycloak_listens_on_loopback_only_and_shows_no_secret(installation: Installation) -> None:
    java = next(
        process
        for process in psutil.process_iter(["cmdline"])
        if f"-Dkc.home.dir={installation.folder('keycloak')}" in (process.info["cmdline"] or [])
    )
    listening = [c.laddr for c in java.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    assert {address.port for address in listening} >= {
        installation.port("keycloak"),
        installation.port("keycloak_management"),
    }
    assert {address.ip.removeprefix("::ffff:") for address in listening} == {"127.0.0.1"}
    seen = " ".join([*java.cmdline(), *java.environ().values()])
    for name in ("db_keycloak", "keycloak_bootstrap", "keycloak_stack", "keycloak_admin", "keycloak_synapse"):
        assert installation.secret(name) not in seen
