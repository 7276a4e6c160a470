"""Outbox -> Matrix: claims the commands of this service and runs them, a few at a time, until each is done.

A command that fails is given back and repeated, later each time; one that is broken off by a kill is repeated when its
lease ends. Commands with the same key run one after another.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

import structlog
from prometheus_client import Counter

from appservice.command import Command, Tools
from appservice.conversations import commands as conversations
from appservice.people import commands as people
from appservice.waking import OUTAGES, POLL_S, set_within
from db import outbox
from db.outbox import LONGEST_DELAY, Entry

IN_FLIGHT = 8
COMMAND_S = 25
"""A command that takes longer is broken off and repeated."""
LEASE_S = COMMAND_S + 5
"""After a kill commands come again within this time, so that sessions end within a minute all the same."""

_log = structlog.get_logger()
_delivered = Counter("meton_commands_total", "Commands to Matrix", ["topic", "outcome"])


@dataclass(frozen=True, slots=True)
class Order:
    """What does a command, and how long it may pause between attempts."""

    command: Command
    longest_pause: timedelta = LONGEST_DELAY


ORDERS: Mapping[str, Order] = MappingProxyType(
    {
        "person.registered": Order(people.provision, timedelta(seconds=30)),
        # sessions end within a minute, also of the moment Synapse is back
        "person.sessions_ended": Order(people.end_sessions, timedelta(seconds=5)),
        "friendship.accepted": Order(conversations.open_direct, timedelta(minutes=1)),
    }
)


class Delivery:
    """Runs commands until stopped; several processes may do so at once."""

    def __init__(self, tools: Tools, orders: Mapping[str, Order] = ORDERS) -> None:
        self._tools = tools
        self._orders = orders
        self._running: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()

    def wake(self) -> None:
        """Look for commands now."""
        self._woken.set()

    def stop(self) -> None:
        """Claim nothing more; `run` returns when what is at work has ended."""
        self._stopping.set()
        self.wake()

    async def run(self) -> None:
        """Claim and run commands until `stop`."""
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                await self._claim()
            except OUTAGES as error:
                _log.warning("no commands to be had", error=type(error).__name__)
            await set_within(self._woken, POLL_S)
        if self._running:
            await asyncio.wait(self._running)

    async def _claim(self) -> None:
        if len(self._running) >= IN_FLIGHT:
            return
        async with self._tools.database.transaction() as tx:
            entries = await outbox.claim(tx, "appservice", IN_FLIGHT - len(self._running), LEASE_S)
        for entry in entries:
            task = asyncio.create_task(self._deliver(entry))
            self._running.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.wake()  # there is room for one more, and perhaps one more with the same key

    async def _deliver(self, entry: Entry) -> None:
        """Run one command; whatever goes wrong, the row is given back or its lease ends."""
        structlog.contextvars.bind_contextvars(
            outbox_id=str(entry.id), topic=entry.topic, attempt=entry.attempts, request_id=entry.request_id
        )
        try:
            async with asyncio.timeout(COMMAND_S):
                effect = await self._orders[entry.topic].command(self._tools, entry)
            async with self._tools.database.transaction() as tx:
                await effect(tx)
                await outbox.finish(tx, entry.id)
        except Exception as error:  # noqa: BLE001 - a command that nobody can run must not end the delivery of others
            await self._give_back(entry, error)
        else:
            _delivered.labels(entry.topic, "done").inc()
            _log.info("command done")

    async def _give_back(self, entry: Entry, error: Exception) -> None:
        order = self._orders.get(entry.topic)
        longest = order.longest_pause if order else LONGEST_DELAY
        dead = False
        with suppress(*OUTAGES):  # then its lease ends
            async with self._tools.database.transaction() as tx:
                dead = await outbox.give_back(tx, entry.id, describe(error), longest=longest)
        _delivered.labels(entry.topic, "failed").inc()
        _log.warning("command given back", error=describe(error), dead=dead)


def describe(error: Exception) -> str:
    """What an operator needs: the kind of error, Matrix's code, and where. Not its text, which may name people."""
    code = getattr(error, "errcode", None)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/appservice/" in frame.filename]
    where = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{f' {code}' if code else ''}{where}"
