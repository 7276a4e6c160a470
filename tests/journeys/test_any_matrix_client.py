"""Any Matrix client, served from any origin, works against the gateway's address."""

from __future__ import annotations

import asyncio
import io
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from stack.installation import Installation
from tests.support.people import SignUp

pytestmark = pytest.mark.journey

ORIGIN = {"Origin": "https://app.element.io"}


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client that keeps nothing."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=180)) as session:
        yield session


@pytest.mark.parametrize("name", ["client", "server"])
async def test_discovery_is_json_with_cors(installation: Installation, http: aiohttp.ClientSession, name: str) -> None:
    async with http.get(f"{installation.public_url}/.well-known/matrix/{name}", headers=ORIGIN) as answer:
        assert answer.status == 200
        assert answer.content_type == "application/json"
        assert answer.headers.getall("Access-Control-Allow-Origin") == ["*"]
        document: dict[str, Any] = await answer.json()
    if name == "client":
        assert document["m.homeserver"]["base_url"].rstrip("/") == installation.public_url


async def test_discovery_never_falls_through_to_the_app(
    installation: Installation, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{installation.public_url}/.well-known/matrix/support") as answer:
        assert answer.status == 404
        assert answer.content_type != "text/html"


async def test_a_preflight_and_an_answer_carry_cors_once(
    installation: Installation, http: aiohttp.ClientSession
) -> None:
    url = f"{installation.public_url}/_matrix/client/v3/login"
    asked = {**ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    for request in (http.options(url, headers=asked), http.get(url, headers=ORIGIN)):
        async with request as answer:
            assert answer.status in (200, 204)
            assert answer.headers.getall("Access-Control-Allow-Origin") == ["*"]


@pytest.mark.parametrize("path", ["/_synapse/admin/v1/server_version", "/_synapse/metrics", "/_synapse/admin"])
async def test_the_homeservers_admin_side_does_not_exist(
    installation: Installation, http: aiohttp.ClientSession, path: str
) -> None:
    async with http.get(f"{installation.public_url}{path}") as answer:
        assert answer.status == 404


async def test_large_media_pass_and_can_be_fetched_by_who_is_signed_in_only(
    sign_up: SignUp, http: aiohttp.ClientSession
) -> None:
    login = await (await sign_up("alice")).matrix()
    signed_in = {"Authorization": f"Bearer {login.access_token}"}
    content = secrets.token_bytes(1 << 20) * 49
    url = f"{login.homeserver}/_matrix/media/v3/upload"
    async with http.post(url, data=io.BytesIO(content), headers={**signed_in, "Content-Type": "video/mp4"}) as answer:
        assert answer.status == 200, await answer.text()
        server, media = (await answer.json())["content_uri"].removeprefix("mxc://").split("/")
    download = f"{login.homeserver}/_matrix/client/v1/media/download/{server}/{media}"
    async with http.get(download, headers=signed_in) as answer:
        assert await answer.read() == content
    async with http.get(download) as answer:
        assert answer.status == 401


async def test_a_long_poll_is_held_until_something_happens(sign_up: SignUp, http: aiohttp.ClientSession) -> None:
    person = await sign_up("bob")
    login = await person.matrix()
    signed_in = {"Authorization": f"Bearer {login.access_token}"}
    sync = f"{login.homeserver}/_matrix/client/v3/sync"

    async def synced(query: str) -> dict[str, Any]:
        async with http.get(f"{sync}?{query}", headers=signed_in) as answer:
            assert answer.status == 200
            return dict(await answer.json())

    since = (await synced("timeout=0"))["next_batch"]
    started = time.monotonic()
    quiet = await synced(f"since={since}&timeout=30000")
    # an account of its own has nothing to say; what matters is that nobody cut the line before the homeserver did
    while time.monotonic() - started < 30 and quiet["next_batch"] != since:
        since, quiet = quiet["next_batch"], await synced(f"since={quiet['next_batch']}&timeout=30000")

    polling = asyncio.create_task(synced(f"since={quiet['next_batch']}&timeout=60000"))
    create = f"{login.homeserver}/_matrix/client/v3/createRoom"
    async with http.post(create, json={}, headers=signed_in) as answer:
        room_id = (await answer.json())["room_id"]
    assert room_id in (await polling)["rooms"]["join"]
