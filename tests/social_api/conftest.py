"""The API in this process, on a database of the test's own, and the cast who call it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from ipaddress import ip_network
from uuid import UUID

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from social_api import app as api_app
from social_api.settings import Settings
from stack.installation import Installation
from tests.support import realm as realms
from tests.support.api import Api
from tests.support.clones import Clone
from tests.support.realm import Realm

PUBLIC_URL = "http://meton.test"


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
    """What social_api is told, as its own database role; rate limits are out of the way of tests of other things."""
    return Settings(
        public_url=PUBLIC_URL,
        listen_host="127.0.0.1",
        listen_port=0,
        gateway_networks=(ip_network("127.0.0.0/8"),),
        database_url=database.url("social_api"),
        database_password=database.password("social_api"),
        valkey_url=f"redis://social_api@127.0.0.1:{installation.port('valkey')}/{valkey.get_connection_kwargs()['db']}",
        valkey_password=installation.secret("valkey_social_api"),
        keycloak_url=realm.url,
        keycloak_realm="meton",
        keycloak_client_id="meton-api",
        keycloak_client_secret="unused by the realm of tests",
        s3_access_key="meton-uploader",
        s3_secret_key=installation.secret("s3_uploader"),
        media_signing_key=installation.secret("media_signing_key"),
        cursor_key=installation.secret("cursor_key"),
        rate_limit_factor=1000.0,
        log_level="error",
    )


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
