"""Passes outbox rows on to Dramatiq: claims what is ready, a bounded number at a time, and enqueues a message for each.

The row stays claimed until its actor sets it done. A message that gets lost is enqueued again when the claim's lease
ends; one that arrives twice finds its row done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import redis
import structlog
from dramatiq.brokers.redis import RedisBroker
from prometheus_client import Counter

from db import outbox, tasks
from db.engine import OUTAGES, Database
from db.outbox import Destination, Entry
from db.waiting import set_within

POLL_S = 2.0
RETRY_S = 1.0
_log = structlog.get_logger()
_relayed = Counter("meton_relayed_total", "Outbox rows passed on to Dramatiq", ["destination", "topic"])
_OUTAGES = (redis.RedisError, *OUTAGES)


@dataclass(frozen=True, slots=True)
class Flow:
    """What may be passed on to one queue, and how much of it."""

    topics: frozenset[str]
    in_flight: int
    """The most messages that wait or run there; the rest waits in PostgreSQL, in order and in sight."""
    lease_seconds: float
    """After this a message counts as lost; longer than a message of a full queue waits and runs."""


FLOWS: Mapping[Destination, Flow] = MappingProxyType(
    {
        "event_worker": Flow(
            frozenset(
                {"live", "post.published", "post.deleted", "account.opened", "person.log_out", "session.log_out"}
            ),
            in_flight=100,
            lease_seconds=60,
        ),
        "media_worker": Flow(frozenset({"upload.announced", "media.uploaded"}), in_flight=4, lease_seconds=300),
    }
)


class Relay:
    """Passes rows on from one database to one broker; several may run at once."""

    def __init__(self, database: Database, broker: RedisBroker, flows: Mapping[Destination, Flow] = FLOWS) -> None:
        self._database = database
        self._broker = broker
        self._flows = flows
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()

    def wake(self) -> None:
        """Look for rows now: something was written, or room was made."""
        self._woken.set()

    def stop(self) -> None:
        """Let `run` return, once what is claimed is enqueued."""
        self._stopping.set()
        self.wake()

    async def run(self) -> None:
        """Pass rows on until `stop`; goes on by itself after an outage of PostgreSQL or Valkey."""
        while not self._stopping.is_set():
            try:
                async with self._database.listening(outbox.CHANNEL, lambda _destination: self.wake()) as connection:
                    while not (self._stopping.is_set() or connection.is_closed()):
                        self._woken.clear()
                        for destination in self._flows:
                            await self.pass_on(destination)
                        await set_within(self._woken, POLL_S)
            except _OUTAGES as error:
                _log.warning("relay interrupted", error=type(error).__name__)
                await set_within(self._woken, RETRY_S)

    async def pass_on(self, destination: Destination) -> int:
        """Enqueue what is ready for `destination` as far as there is room; returns how many rows were claimed."""
        flow = self._flows[destination]
        room = flow.in_flight - await asyncio.to_thread(tasks.depth, self._broker, destination)
        if room <= 0:
            return 0
        async with self._database.transaction() as tx:
            entries = await outbox.claim(tx, destination, room, flow.lease_seconds)
            for entry in entries:
                if entry.topic not in flow.topics:
                    await outbox.bury(tx, entry.id, f"{destination} has no actor for {entry.topic}")
                    _log.error("unknown topic", destination=destination, topic=entry.topic, outbox_id=str(entry.id))
        known = [entry for entry in entries if entry.topic in flow.topics]
        await asyncio.to_thread(self._enqueue, destination, known)
        return len(entries)

    def _enqueue(self, destination: Destination, entries: list[Entry]) -> None:
        for entry in entries:
            self._broker.enqueue(tasks.message(destination, entry.topic, entry.id))
            _relayed.labels(destination, entry.topic).inc()
