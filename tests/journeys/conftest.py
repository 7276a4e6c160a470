"""What the journeys share: people who sign up on the running stack."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from stack.installation import Installation
from tests.support.people import SignUp, people


@pytest.fixture
async def sign_up(installation: Installation) -> AsyncIterator[SignUp]:
    """`await sign_up("alice", locale="hi")` registers a new person through Keycloak's own form."""
    async with people(installation) as make:
        yield make
