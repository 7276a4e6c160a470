"""What Synapse is asked, it is asked again when it stumbles."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from mautrix.errors import MatrixRequestError

from appservice.homeserver import ATTEMPTS, Homeserver
from appservice.settings import Settings
from stack.installation import Installation

Stumbling = Callable[[int], Homeserver]


@pytest.fixture
async def asked() -> list[str]:
    """The methods of what was asked, in order."""
    return []


@pytest.fixture
async def stumbling(
    installation: Installation, session: aiohttp.ClientSession, settings: Settings, asked: list[str]
) -> AsyncIterator[Stumbling]:
    """The homeserver, of which so many first answers are lost to a conflict within its database."""
    conflicts = 0

    async def pass_on(request: web.Request) -> web.Response:
        asked.append(request.method)
        if len(asked) <= conflicts:
            return web.json_response({"errcode": "M_UNKNOWN", "error": "Internal server error"}, status=500)
        url = f"{installation.url('synapse')}{request.raw_path}"
        headers = {"Authorization": request.headers["Authorization"]}
        async with session.request(request.method, url, data=await request.read(), headers=headers) as answer:
            return web.Response(status=answer.status, body=await answer.read(), content_type=answer.content_type)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", pass_on)
    async with TestServer(app) as server:

        def stumbling(times: int) -> Homeserver:
            nonlocal conflicts
            conflicts = times
            return Homeserver(session, dataclasses.replace(settings, synapse_url=str(server.make_url("")).rstrip("/")))

        yield stumbling


async def test_what_stumbles_is_asked_again(stumbling: Stumbling, asked: list[str]) -> None:
    assert await stumbling(3).account("@nobody-of-this-name:meton.localhost") is None
    assert asked == ["GET"] * 4


async def test_but_not_for_ever(stumbling: Stumbling, asked: list[str]) -> None:
    with pytest.raises(MatrixRequestError):
        await stumbling(100).account("@nobody-of-this-name:meton.localhost")
    assert len(asked) == ATTEMPTS


async def test_a_refusal_is_taken_for_an_answer(stumbling: Stumbling, asked: list[str]) -> None:
    with pytest.raises(MatrixRequestError):
        await stumbling(0).make_account("@nobody:another.server", "a subject", "Nobody")
    assert asked == ["PUT"]
