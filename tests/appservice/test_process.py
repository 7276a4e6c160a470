"""The service as a process: killed, told to stop, told nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
import pytest
from sqlalchemy import func, select

from db.engine import Statement
from db.models.conversations import Message
from db.models.inbox import Inbox
from stack.installation import Installation
from tests.appservice import rooms
from tests.appservice.clients import Person
from tests.appservice.rooms import Room
from tests.support.clones import Clone
from tests.support.waiting import eventually

WRITTEN = Statement(select(func.count()).select_from(Message))
WAITING = Statement(select(func.count()).where(Inbox.done_at.is_(None), Inbox.parked_at.is_(None)))


@pytest.fixture
def environment(installation: Installation, database: Clone) -> Mapping[str, str]:
    """As the stack gives it, with the test's own database and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = installation.environment("appservice")
    return {
        "PATH": os.environ["PATH"],
        **given,
        "METON_DATABASE_URL": database.url("appservice"),
        "METON_LISTEN_PORT": str(port),
    }


@asynccontextmanager
async def running(environment: Mapping[str, str]) -> AsyncIterator[Process]:
    """The service; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "appservice", env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def is_well(environment: Mapping[str, str]) -> bool:
    url = f"http://127.0.0.1:{environment['METON_LISTEN_PORT']}"
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{url}/health") as answer:
            return answer.status == 200
    except aiohttp.ClientConnectionError:
        return False


async def test_killed_again_and_again_it_writes_every_message_once(
    database: Clone, environment: Mapping[str, str], alice: Person, bob: Person
) -> None:
    room = Room(alice, bob)
    sent = [room.message(alice) for _ in range(400)]
    await rooms.arrive(database, [*room.beginning(), *sent])

    async def written(at_least: int) -> bool:
        async with database.reading() as tx:
            return bool(await tx.value(WRITTEN) >= at_least)

    for kill_at in (50, 200):

        async def far_enough(kill_at: int = kill_at) -> bool:
            return await written(kill_at)

        async with running(environment):
            await eventually(far_enough, every=0.01)

    async def all_done() -> bool:
        async with database.reading() as tx:
            return await tx.value(WAITING) == 0

    async with running(environment):
        await eventually(all_done)
    told = [
        event["payload"]["event_id"] for event in await rooms.live(database) if event["users"] == [str(bob.user_id)]
    ]
    assert told == [entry.event_id for entry in sent]


async def test_told_to_stop_it_stops_within_ten_seconds(environment: Mapping[str, str]) -> None:
    async def well() -> bool:
        return await is_well(environment)

    async with running(environment) as process:
        await eventually(well)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 10) == 0


async def test_wrong_settings_are_all_named_at_once() -> None:
    environment = {"PATH": os.environ["PATH"], "METON_LISTEN_PORT": "not a number"}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "appservice", env=environment, stderr=PIPE)
    _, said = await process.communicate()
    assert process.returncode == 1
    for name in ("LISTEN_PORT", "SERVER_NAME", "MATRIX_ACTOR_AS_TOKEN"):
        assert name in said.decode()
