"""Is this worker well, and how far behind are the queues and the follower?"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from dramatiq.brokers.redis import RedisBroker
from prometheus_client import Gauge
from sqlalchemy import select

from db import monitoring, outbox
from db.engine import Database, Statement
from db.models import IdentityCursor
from db.monitoring import UnwellError

BEHIND_S = 30
"""From here on social_api asks Keycloak about each token instead of trusting what we tell it."""

_waiting = Gauge("meton_outbox_waiting", "Outbox rows not done", ["destination"])
_oldest = Gauge("meton_outbox_oldest_seconds", "Age of the oldest outbox row not done", ["destination"])
_dead = Gauge("meton_outbox_dead", "Outbox rows given up", ["destination"])
_lag = Gauge("meton_identity_lag_seconds", "Seconds since Keycloak was last asked for its events")


class Watch:
    """The checks and measures of event_worker."""

    def __init__(self, database: Database, broker: RedisBroker) -> None:
        self._database = database
        self._broker = broker

    async def valkey(self) -> None:
        """Raises redis.RedisError when Valkey is away."""
        await asyncio.to_thread(self._broker.client.ping)

    async def identity(self) -> None:
        """Raises UnwellError when nobody follows Keycloak, here or in another event_worker."""
        behind = await self._behind()
        if behind is None or behind > BEHIND_S:
            raise UnwellError("keycloak was not asked for its events lately")

    async def measure(self) -> None:
        """Read depth and age of the queues; while PostgreSQL is away the last figures stay."""
        try:
            async with self._database.reading() as tx:
                backlogs = await outbox.backlog(tx)
            behind = await self._behind()
        except monitoring.OUTAGES:
            return
        for gauge in (_waiting, _oldest, _dead):
            gauge.clear()
        for queue in backlogs:
            _waiting.labels(queue.destination).set(queue.waiting)
            _oldest.labels(queue.destination).set(queue.oldest_seconds)
            _dead.labels(queue.destination).set(queue.dead)
        _lag.set(float("inf") if behind is None else behind)

    async def _behind(self) -> float | None:
        """Seconds since the last complete look at Keycloak's events; None before the first."""
        async with self._database.reading() as tx:
            polled_at: datetime | None = await tx.value(_POLLED)
        return (datetime.now(UTC) - polled_at).total_seconds() if polled_at else None


_POLLED = Statement(select(IdentityCursor.polled_at))
