"""The appservice's parts on the real Synapse of the test stack and a database of the test's own."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from uuid import UUID, uuid4

import aiohttp
import pytest

from appservice.command import Tools
from appservice.homeserver import TIMEOUT, Homeserver
from appservice.settings import Settings
from db import people
from db.engine import Database
from stack.installation import Installation
from tests.appservice.clients import Person
from tests.support.clones import Clone
from tests.support.doors import Door

BehindADoor = Callable[[], AbstractAsyncContextManager[tuple[Door, Tools]]]
KilledAfter = Callable[[int], AbstractAsyncContextManager[Tools]]
Registered = Callable[[str], Awaitable[Person]]


@pytest.fixture
def settings(installation: Installation, database: Clone) -> Settings:
    """As the service gets them, but with the test's own database."""
    return Settings(
        server_name=installation.server_name,
        listen_host="127.0.0.1",
        listen_port=0,
        database_url=database.url("appservice"),
        database_password=database.password("appservice"),
        synapse_url=installation.url("synapse"),
        synapse_admin_token=installation.secret("synapse_admin_token"),
        observer_hs_token=installation.secret("observer_hs_token"),
        observer_as_token=installation.secret("observer_as_token"),
        actor_as_token=installation.secret("actor_as_token"),
        log_level="warning",
    )


@pytest.fixture
async def own(database: Clone) -> Database:
    """The database with the rights of the appservice and no more."""
    return await database.as_role("appservice")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        yield session


@pytest.fixture
def homeserver(session: aiohttp.ClientSession, settings: Settings) -> Homeserver:
    return Homeserver(session, settings)


@pytest.fixture
def tools(own: Database, homeserver: Homeserver) -> Tools:
    return Tools(own, homeserver)


@pytest.fixture
def behind_a_door(installation: Installation, own: Database, settings: Settings) -> BehindADoor:
    """Tools that reach Synapse through a door, and the door."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[tuple[Door, Tools]]:
        async with Door(installation.port("synapse")) as door, aiohttp.ClientSession(timeout=TIMEOUT) as session:
            yield door, Tools(own, Homeserver(session, dataclasses.replace(settings, synapse_url=door.url)))

    return opened


class KilledError(Exception):
    """The process ends here."""


@pytest.fixture
def killed_after(own: Database, settings: Settings) -> KilledAfter:
    """Tools whose process is killed after so many requests to Synapse."""

    @asynccontextmanager
    async def opened(requests: int) -> AsyncIterator[Tools]:
        left = requests

        async def count(*_: object) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise KilledError

        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(count)
        async with aiohttp.ClientSession(timeout=TIMEOUT, trace_configs=[trace]) as session:
            yield Tools(own, Homeserver(session, settings))

    return opened


@pytest.fixture
async def registered(database: Clone, homeserver: Homeserver) -> Registered:
    """Registers a person in Meton. Synapse is shared, so each test's alice has a name that nobody had before."""
    run = uuid4().hex[:8]

    async def register(name: str) -> Person:
        username, subject = f"{name}-{run}", str(uuid4())
        async with database.transaction() as tx:
            user_id: UUID = await people.register(tx, subject, username, name.title(), None, "en")
        return Person(user_id, subject, username, f"@{username}:{homeserver.server_name}", homeserver)

    return register


@pytest.fixture
async def alice(registered: Registered, own: Database) -> Person:
    return await (await registered("alice")).with_account(own)


@pytest.fixture
async def bob(registered: Registered, own: Database) -> Person:
    return await (await registered("bob")).with_account(own)


@pytest.fixture
async def charlie(registered: Registered, own: Database) -> Person:
    return await (await registered("charlie")).with_account(own)
