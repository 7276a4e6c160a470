"""The API in this process, on a database of the test's own, and the cast who call it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from social_api import app as api_app
from social_api.settings import Settings
from stack.installation import Installation
from tests.conftest import VALKEY_DATABASE
from tests.support import realm as realms
from tests.support import told
from tests.support.api import Api
from tests.support.clones import Clone
from tests.support.realm import Realm

PUBLIC_URL = told.PUBLIC_URL


class Person(Api):
    """One of the cast, signed in."""

    username: str
    id: UUID

    @property
    def connect_id(self) -> str:
        """The handle."""
        return f"{self.username}@meton"


@dataclass(frozen=True)
class House:
    """The running API; `url` is where, `nobody` calls without a token."""

    url: str
    http: aiohttp.ClientSession
    realm: Realm
    settings: Settings

    @property
    def nobody(self) -> Api:
        """Someone who is not signed in."""
        return Api(self.http, self.url)

    async def person(self, username: str) -> Person:
        """Sign someone in, for the first time or again."""
        person = Person(self.http, self.url, self.realm.token(self.settings.issuer, username))
        person.username = username
        person.id = UUID((await person.get("/v1/me"))["id"])
        return person


@pytest.fixture
async def realm() -> AsyncIterator[Realm]:
    async with realms.realm() as running:
        yield running


@pytest.fixture
def settings(installation: Installation, database: Clone, valkey: Redis, realm: Realm) -> Settings:
    return told.settings(installation, database, realm, VALKEY_DATABASE)


@pytest.fixture
async def house(settings: Settings, realm: Realm) -> AsyncIterator[House]:
    async with api_app.running(settings) as running, aiohttp.ClientSession() as http:
        server = TestServer(running.app)
        await server.start_server(max_field_size=api_app.LARGEST_HEADER)
        try:
            yield House(str(server.make_url("")).rstrip("/"), http, realm, settings)
        finally:
            await server.close()


@pytest.fixture
async def alice(house: House) -> Person:
    return await house.person("alice")


@pytest.fixture
async def bob(house: House) -> Person:
    return await house.person("bob")


@pytest.fixture
async def charlie(house: House) -> Person:
    return await house.person("charlie")
