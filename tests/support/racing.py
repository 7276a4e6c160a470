"""Many requests at once, for tests of what a race ends in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tests.support.api import Answer


async def race(*calls: Callable[[], Awaitable[Answer]], times: int = 50) -> tuple[list[Answer], ...]:
    """Send each of `calls` so many times, all at once and in turns; the answers to each, none of which is a 5xx.

    The first call given goes first: test a pair in both orders, since what goes first mostly wins.
    """
    answers = await asyncio.gather(*(call() for _ in range(times) for call in calls))
    assert not [answer for answer in answers if answer.status >= 500]
    return tuple(list(answers[turn :: len(calls)]) for turn in range(len(calls)))
