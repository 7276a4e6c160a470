"""The API's application for the oracle, on one database for all worlds."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from stack.installation import Installation
from tests.privacy.oracle import Oracle, opened
from tests.support.clones import Clone


@pytest.fixture
async def oracle(installation: Installation, database: Clone) -> AsyncIterator[Oracle]:
    async with opened(installation, database) as running:
        yield running
