"""Any one component killed with -9 while people are at work is back without help, and nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from stack.components import catalog
from stack.installation import Installation
from tests.media_worker.footage import Footage
from tests.support.api import Api
from tests.support.matrix_sso import MatrixLogin
from tests.support.people import Person, SignUp
from tests.support.stopping import kill
from tests.support.waiting import eventually

pytestmark = pytest.mark.faults

# an event that only its recipients could read; what the server does with it does not depend on what is inside
CIPHERTEXT = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgA", "session_id": "s", "device_id": "d"}


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small photo."""
    return Footage(tmp_path_factory.mktemp("footage")).photo()


async def _publish(author: Api, photo: Path) -> str:
    size = photo.stat().st_size
    ticket = await author.patiently(
        "POST", "/v1/media", {"kind": "image", "mime_type": "image/jpeg", "byte_size": size}
    )

    async def sent() -> bool:
        form = aiohttp.FormData(ticket["upload"]["fields"])
        form.add_field("file", photo.read_bytes(), filename="photo.jpg", content_type="image/jpeg")
        try:
            async with author.http.post(ticket["upload"]["url"], data=form) as answer:
                return answer.status in (200, 201, 204)
        except aiohttp.ClientError:
            return False

    await eventually(sent, 90, every=0.5)
    post = await author.patiently("POST", "/v1/posts", {"type": "photo", "media": [ticket["id"]]})
    return str(post["id"])


async def _befriend(one: Person, other: Person) -> None:
    request = await one.api.patiently("POST", "/v1/friend-requests", {"connect_id": other.connect_id})
    await other.api.patiently("POST", f"/v1/friend-requests/{request['id']}/accept")


async def _write(http: aiohttp.ClientSession, login: MatrixLogin, room_id: str) -> str:
    """Send a message as a Matrix client does: the same transaction id again until there is an answer."""
    base = f"{login.homeserver}/_matrix/client/v3/rooms/{room_id}"
    url = f"{base}/send/m.room.encrypted/{secrets.token_hex(8)}"
    headers = {"Authorization": f"Bearer {login.access_token}"}

    async def sent() -> str | None:
        try:
            async with http.put(url, json=CIPHERTEXT, headers=headers) as answer:
                return str((await answer.json())["event_id"]) if answer.status == 200 else None
        except aiohttp.ClientError:
            return None

    return await eventually(sent, 90, every=0.5)


async def _room(http: aiohttp.ClientSession, login: MatrixLogin) -> str:
    body = {
        "preset": "private_chat",
        "initial_state": [
            {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
        ],
    }
    headers = {"Authorization": f"Bearer {login.access_token}"}
    async with http.post(f"{login.homeserver}/_matrix/client/v3/createRoom", json=body, headers=headers) as answer:
        return str((await answer.json())["room_id"])


async def _page(api: Api, path: str) -> list[dict[str, Any]]:
    return list((await api.patiently("GET", path))["items"])


@pytest.mark.parametrize("name", sorted(catalog.load()))
async def test_it_comes_back_and_nobody_loses_anything(
    installation: Installation, sign_up: SignUp, photo: Path, name: str
) -> None:
    alice, bob = await sign_up("alice"), await sign_up("bob")
    login = await alice.matrix()
    room_id = await _room(alice.api.http, login)

    work = [_publish(alice.api, photo), _befriend(alice, bob), _write(alice.api.http, login, room_id)]
    post_id, _, event_id = (await asyncio.gather(*work, kill(installation, name)))[:3]

    async def published() -> bool:
        items = await _page(bob.api, "/v1/feed?sort=latest")
        return [(item["reason"], item["post"]["id"]) for item in items] == [("friend", post_id)]

    async def one_direct_chat() -> bool:
        kinds = [item["type"] for item in await _page(bob.api, "/v1/conversations")]
        return kinds == ["dm"]

    async def message_known() -> bool:
        rooms = {item["room_id"]: item for item in await _page(alice.api, "/v1/conversations")}
        return room_id in rooms and rooms[room_id]["last_message_at"] is not None

    assert event_id
    for probe in (published, one_direct_chat, message_known):
        await eventually(probe, 90, every=0.5)
