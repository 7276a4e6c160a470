"""Stopping and killing parts of the running test stack."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from stack.components import catalog
from stack.installation import Installation
from stack.supervisor import Supervisor
from tests.support.waiting import eventually

BACK_SECONDS = 90


async def healthy(installation: Installation, name: str, seconds: float = BACK_SECONDS) -> None:
    """Returns once the component answers as `meton status` would call it healthy."""
    component = catalog.load()[name]

    async def answers() -> bool:
        return await asyncio.to_thread(component.ready, installation) is None

    await eventually(answers, seconds, every=0.2)


@asynccontextmanager
async def stopped(installation: Installation, name: str) -> AsyncIterator[None]:
    """The component is down for the length of the block, and healthy again after it."""
    supervisor = Supervisor(installation)
    await asyncio.to_thread(supervisor.stop, name)
    try:
        yield
    finally:
        await asyncio.to_thread(supervisor.start, name)
        await healthy(installation, name)


async def kill(installation: Installation, name: str) -> None:
    """kill -9 the component's process; returns once the supervisor has started another and that one is healthy."""
    supervisor = Supervisor(installation)
    before = (await asyncio.to_thread(supervisor.states))[name]["pid"]
    os.kill(before, signal.SIGKILL)

    async def replaced() -> bool:
        state = (await asyncio.to_thread(supervisor.states))[name]
        return bool(state["statename"] == "RUNNING" and state["pid"] != before)

    await eventually(replaced, BACK_SECONDS)
    await healthy(installation, name)
