"""Somebody who decides, beside those who ask."""

from __future__ import annotations

import pytest

from tests.social_api.conftest import House, Person


@pytest.fixture
async def moderator(house: House) -> Person:
    return await with_role(house, "mona", "moderator")


async def with_role(house: House, username: str, *roles: str) -> Person:
    """Somebody whose token names these roles of the realm."""
    person = await house.person(username)
    person.token = house.realm.token(house.settings.issuer, username, roles=["member", *roles])
    return person
