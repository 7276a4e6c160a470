"""What the running Synapse lets people do, and what it keeps to itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import psutil
import pytest

from stack.components import synapse
from stack.installation import Installation


@pytest.fixture
async def web(installation: Installation) -> AsyncIterator[aiohttp.ClientSession]:
    """A client without a token, straight at Synapse."""
    async with aiohttp.ClientSession(installation.url("synapse")) as session:
        yield session


async def document(answer: aiohttp.ClientResponse) -> tuple[int, dict[str, Any]]:
    """Status and body."""
    return answer.status, await answer.json()


async def test_people_sign_in_by_sso_and_not_with_a_password(web: aiohttp.ClientSession) -> None:
    status, answer = await document(await web.get("/_matrix/client/v3/login"))
    assert status == 200
    assert {flow["type"] for flow in answer["flows"]} == {
        "m.login.sso",
        "m.login.token",
        "m.login.application_service",
    }
    (provider,) = answer["flows"][0]["identity_providers"]
    assert (provider["id"], provider["name"]) == ("oidc-keycloak", "Meton")
    body = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": "alice"}, "password": "x"}
    status, answer = await document(await web.post("/_matrix/client/v3/login", json=body))
    assert (status, answer["errcode"]) == (400, "M_UNKNOWN")


async def test_nobody_registers_at_synapse(web: aiohttp.ClientSession) -> None:
    for query in ("", "?kind=guest"):
        body = {"username": "mallory", "password": "x" * 20}
        status, answer = await document(await web.post(f"/_matrix/client/v3/register{query}", json=body))
        assert (status, "user_id" in answer) == (403, False)


@pytest.mark.parametrize("path", ["/v2/users", "/v1/rooms", "/v1/event_reports"])
async def test_the_admin_api_is_for_the_admin_alone(
    web: aiohttp.ClientSession, installation: Installation, path: str
) -> None:
    url = f"/_synapse/admin{path}"
    assert (await web.get(url)).status == 401
    as_token = {"Authorization": f"Bearer {installation.secret('actor_as_token')}"}
    assert (await web.get(url, headers=as_token)).status == 403
    admin = {"Authorization": f"Bearer {installation.secret('synapse_admin_token')}"}
    assert (await web.get(url, headers=admin)).status == 200


async def test_there_is_no_federation(web: aiohttp.ClientSession) -> None:
    for path in ("/_matrix/federation/v1/version", "/_matrix/key/v2/server"):
        assert (await web.get(path)).status == 404


async def test_files_of_50_megabytes_are_allowed(web: aiohttp.ClientSession, installation: Installation) -> None:
    admin = {"Authorization": f"Bearer {installation.secret('synapse_admin_token')}"}
    _, answer = await document(await web.get("/_matrix/client/v1/media/config", headers=admin))
    assert answer == {"m.upload.size": 50 * 1024 * 1024}


async def test_the_metrics_are_on_a_port_of_their_own(web: aiohttp.ClientSession, installation: Installation) -> None:
    assert (await web.get("/_synapse/metrics")).status == 404
    async with web.get(f"{installation.url('synapse_metrics')}/metrics") as answer:
        assert "synapse_build_info" in await answer.text()


def test_synapse_listens_on_loopback_only_and_shows_no_secret(installation: Installation) -> None:
    config = str(installation.folder("synapse") / "homeserver.yaml")
    process = next(p for p in psutil.process_iter(["cmdline"]) if config in (p.info["cmdline"] or []))
    listening = [c.laddr for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    assert {(address.ip, address.port) for address in listening} == {
        ("127.0.0.1", installation.port("synapse")),
        ("127.0.0.1", installation.port("synapse_metrics")),
    }
    seen = " ".join([*process.cmdline(), *process.environ().values()])
    for name in ("db_synapse", "synapse_registration", "synapse_macaroon", "synapse_form", "keycloak_synapse"):
        assert installation.secret(name) not in seen


def test_what_synapse_keeps_is_its_owners_alone(installation: Installation) -> None:
    folder = installation.folder("synapse")
    for name in ("homeserver.yaml", "observer.yaml", "actor.yaml", "signing.key"):
        assert (folder / name).stat().st_mode & 0o077 == 0, name


def test_secrets_stand_in_files_of_their_own(installation: Installation) -> None:
    written = synapse.files(installation)["homeserver.yaml"]
    for name in ("synapse_registration", "synapse_macaroon", "synapse_form", "keycloak_synapse"):
        assert installation.secret(name) not in written
        assert str(installation.secret_file(name)) in written


def test_the_log_says_nothing_of_what_people_do(installation: Installation) -> None:
    said = synapse.files(installation)["log.yaml"]
    assert "level: WARNING" in said
    assert "INFO" not in said
    assert "DEBUG" not in said
