"""Who watches and who acts: neither can do the other's part, and nobody can act as an administrator."""

from __future__ import annotations

import re
from typing import Any

import aiohttp
import pytest
import yaml

from stack.installation import Installation
from tests.appservice.clients import Person

FOLDER = "synapse-config/registrations"


def registration(installation: Installation, name: str) -> Any:
    given = {token: token for token in ("observer_as_token", "observer_hs_token", "actor_as_token", "actor_hs_token")}
    given |= {"appservice_url": "http://x", "server_name_pattern": re.escape(installation.server_name)}
    return yaml.safe_load((installation.root / FOLDER / f"{name}.yaml").read_text(encoding="utf-8").format(**given))


async def acts_as(session: aiohttp.ClientSession, installation: Installation, token: str, mxid: str) -> bool:
    url = f"{installation.url('synapse')}/_matrix/client/v3/account/whoami"
    headers = {"Authorization": f"Bearer {installation.secret(token)}"}
    async with session.get(url, params={"user_id": mxid}, headers=headers) as answer:
        return answer.status == 200


async def test_the_actor_acts_for_people(
    session: aiohttp.ClientSession, installation: Installation, alice: Person
) -> None:
    assert await acts_as(session, installation, "actor_as_token", alice.mxid)


@pytest.mark.parametrize("localpart", ["boot-admin", "_meton-observer", "_service"])
async def test_the_actor_acts_for_no_administrator_and_no_service(
    session: aiohttp.ClientSession, installation: Installation, localpart: str
) -> None:
    mxid = f"@{localpart}:{installation.server_name}"
    assert not await acts_as(session, installation, "actor_as_token", mxid)


async def test_the_observer_acts_for_nobody(
    session: aiohttp.ClientSession, installation: Installation, alice: Person
) -> None:
    assert not await acts_as(session, installation, "observer_as_token", alice.mxid)


@pytest.mark.parametrize("token", ["observer_as_token", "actor_as_token"])
async def test_neither_is_an_administrator(
    session: aiohttp.ClientSession, installation: Installation, alice: Person, token: str
) -> None:
    url = f"{installation.url('synapse')}/_synapse/admin/v2/users/{alice.mxid}"
    async with session.get(url, headers={"Authorization": f"Bearer {installation.secret(token)}"}) as answer:
        assert answer.status == 403


async def test_nobody_else_takes_an_alias_of_ours(
    session: aiohttp.ClientSession, installation: Installation, alice: Person
) -> None:
    token = await alice.sign_in()
    url = f"{installation.url('synapse')}/_matrix/client/v3/createRoom"
    body = {"room_alias_name": "meton-dm-0123456789abcdef"}
    async with session.post(url, json=body, headers={"Authorization": f"Bearer {token}"}) as answer:
        assert (answer.status, (await answer.json())["errcode"]) == (400, "M_EXCLUSIVE")


def test_every_pattern_is_anchored_and_no_other_server_matches(installation: Installation) -> None:
    for name in ("observer", "actor"):
        for patterns in registration(installation, name)["namespaces"].values():
            for pattern in patterns:
                assert pattern["regex"].startswith("^")
                assert pattern["regex"].endswith("$")
    (users,) = registration(installation, "actor")["namespaces"]["users"]
    assert re.match(users["regex"], f"@alice:{installation.server_name}")
    for other in ("@alice:evil.example", f"@alice:{installation.server_name}.evil.example", "@alice:metonxlocalhost"):
        assert not re.match(users["regex"], other)


def test_the_observer_watches_everything_and_the_actor_nothing(installation: Installation) -> None:
    observer, actor = (registration(installation, name) for name in ("observer", "actor"))
    assert (observer["namespaces"]["users"], observer["receive_ephemeral"]) == ([], True)
    assert (actor["url"], actor["namespaces"]["rooms"]) == (None, [])
    assert observer["rate_limited"] is actor["rate_limited"] is False
