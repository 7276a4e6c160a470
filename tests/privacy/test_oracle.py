"""Nobody is shown what they may not see, nor refused what they may: the API against a model, world after world."""

from __future__ import annotations

import asyncio

import pytest

from tests.privacy.decisive import decisive
from tests.privacy.entries import ENTRIES
from tests.privacy.model import World
from tests.privacy.oracle import GETS, Oracle
from tests.privacy.worlds import explore

ROUND = 10
"""Worlds between two looks at how many comparisons there were."""


def test_every_get_route_has_an_entry() -> None:
    assert {route.path for route in GETS} == set(ENTRIES)


@pytest.fixture
async def loop() -> asyncio.AbstractEventLoop:
    """What the oracle runs in; hypothesis itself is not asynchronous."""
    return asyncio.get_running_loop()


# a million comparisons take a while, and hypothesis up to five minutes to make the world of a difference small
@pytest.mark.timeout(7200)
def test_every_answer_is_what_the_model_says(
    oracle: Oracle, loop: asyncio.AbstractEventLoop, request: pytest.FixtureRequest
) -> None:
    def compare(world: World) -> None:
        differences = loop.run_until_complete(oracle.differences(world))
        assert not differences, str(differences[0])

    compare(decisive())
    rounds = 0
    while oracle.compared < request.config.getoption("--comparisons"):
        explore(rounds, ROUND, compare)
        rounds += 1
