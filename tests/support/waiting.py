"""Waiting for what another process will do: ask until it is so, and say what was seen last when it never is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryError, retry_if_result, stop_after_delay, wait_fixed

T = TypeVar("T")


async def eventually(probe: Callable[[], Awaitable[T | None]], seconds: float = 60, every: float = 0.1) -> T:
    """What `probe` answers once it is truthy; AssertionError with its last answer after `seconds`."""
    asking = AsyncRetrying(
        retry=retry_if_result(lambda answer: not answer), stop=stop_after_delay(seconds), wait=wait_fixed(every)
    )
    answer: T | None = None
    try:
        answer = await asking(probe)
    except RetryError as given_up:
        last = given_up.last_attempt.result()
        raise AssertionError(f"still {last!r} after {seconds} s: {probe.__qualname__}") from None
    assert answer is not None
    return answer
