"""A deadline stops what takes too long, and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from social_api.deadline import Deadline


async def _forever() -> None:
    await asyncio.Event().wait()


async def _within(deadline: Deadline, work: asyncio.Future[str]) -> str:
    with deadline:
        return await work


async def test_what_takes_too_long_ends_with_timeout_error_and_the_task_goes_on() -> None:
    deadline = Deadline(0.05, look_seconds=0.01)
    for _ in range(2):
        with pytest.raises(TimeoutError), deadline:
            await _forever()
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()


async def test_what_is_done_in_time_is_left_alone_while_another_is_stopped() -> None:
    deadline = Deadline(0.2, look_seconds=0.01)
    never: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    soon: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    late = asyncio.create_task(_within(deadline, never))
    prompt = asyncio.create_task(_within(deadline, soon))
    await asyncio.sleep(0)
    soon.set_result("done")
    assert await prompt == "done"
    with pytest.raises(TimeoutError):
        await late


async def test_cancelling_stays_cancelling_though_the_deadline_has_passed_too() -> None:
    deadline = Deadline(0.0, look_seconds=0.01)
    held = asyncio.get_running_loop().create_future()

    async def stubborn() -> None:
        with deadline:
            try:
                await _forever()
            except asyncio.CancelledError:
                held.set_result(None)
                await asyncio.sleep(0)
                raise

    task = asyncio.create_task(stubborn())
    await held  # the deadline has stopped it
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_the_work_itself_is_not_hidden() -> None:
    with pytest.raises(LookupError), Deadline(1):
        raise LookupError
