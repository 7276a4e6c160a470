"""What every test may ask for: the running test stack, a database of its own, Valkey and S3.

`./meton test` starts the stack and says in METON_TEST_STATE where it is. While you write one test it is quicker to keep
parts of one:

    .venv/bin/python -m stack up --only postgres,valkey,seaweedfs --port-base 30000 --state .meton/mine
    METON_TEST_STATE=.meton/mine .venv/bin/pytest tests/db
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from redis.asyncio import Redis
from xdist.scheduler import LoadScopeScheduling

from stack.installation import Installation
from tests.support import clones
from tests.support.clones import Clone, Clones

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# The stack's own services use database 0; tests must not meet their queues, nor those of the tests beside them.
VALKEY_DATABASE = 9 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
# Everything else has its own database, and nothing else that another test could meet.
OF_THE_STACK = re.compile(
    r"tests/(appservice|docs|event_worker|gateway|journeys|keycloak|media_worker|social_api/sessions|stack|synapse)"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """How hard to look; see tests/privacy."""
    parser.addoption("--comparisons", type=int, default=100_000, help="how many answers the privacy oracle compares")


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # has no types
    """Which tests may run beside which: files may, but those that speak to the one stack take turns."""

    def _split_scope(self, nodeid: str) -> str:
        return "the stack" if OF_THE_STACK.match(nodeid) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    """How `meton test` shares the tests among its processes."""
    return Scheduling(config, log)


@pytest.fixture(scope="session")
def installation() -> Installation:
    """The running test stack."""
    state = os.environ.get("METON_TEST_STATE")
    if not state:
        pytest.exit("these tests need a running stack: run them with `./meton test -- …`, or see tests/conftest.py", 2)
    return Installation.open(Path(state))


@pytest.fixture(scope="session")
def template(installation: Installation) -> Iterator[str]:
    """The name of a migrated database nobody is connected to, which each test's own is cloned from."""
    with clones.empty(installation) as name:
        clones.migrate(installation, name)
        yield name


@pytest.fixture(scope="session")
def databases(installation: Installation, template: str) -> Iterator[Clones]:
    """Where each test's own comes from."""
    with closing(Clones(installation, template)) as made:
        yield made


@pytest.fixture
async def database(databases: Clones) -> AsyncIterator[Clone]:
    """A fresh, migrated database of this test's own."""
    async with databases.one() as clone:
        yield clone


@pytest.fixture
async def valkey(installation: Installation) -> AsyncIterator[Redis]:
    """Valkey's database for tests as social_api's user, empty at the start."""
    client = Redis(
        host="127.0.0.1",
        port=installation.port("valkey"),
        db=VALKEY_DATABASE,
        username="social_api",
        password=installation.secret("valkey_social_api"),
        decode_responses=True,
    )
    async for key in client.scan_iter():
        await client.delete(key)
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
def s3(installation: Installation) -> Iterator[S3Client]:
    """The object store as the media worker's identity."""
    client = boto3.client(
        "s3",
        endpoint_url=installation.url("s3"),
        aws_access_key_id="meton-worker",
        aws_secret_access_key=installation.secret("s3_worker"),
        region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    yield client
    client.close()
