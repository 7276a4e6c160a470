"""Is this service well, and how far behind are its queues?"""

from __future__ import annotations

from prometheus_client import Gauge

from db import inbox, monitoring, outbox
from db.engine import Database

_inbox_waiting = Gauge("meton_inbox_waiting", "Inbox rows not worked through")
_inbox_oldest = Gauge("meton_inbox_oldest_seconds", "Age of the oldest inbox row not worked through")
_inbox_parked = Gauge("meton_inbox_parked", "Inbox rows that could not be worked through")
_outbox_waiting = Gauge("meton_outbox_waiting", "Outbox rows not done", ["destination"])
_outbox_oldest = Gauge("meton_outbox_oldest_seconds", "Age of the oldest outbox row not done", ["destination"])
_outbox_dead = Gauge("meton_outbox_dead", "Outbox rows given up", ["destination"])

DESTINATION = "appservice"


class Watch:
    """The checks and measures of the appservice."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def postgres(self) -> None:
        """Raises one of monitoring.OUTAGES when PostgreSQL is away."""
        async with self._database.reading() as tx:
            await inbox.backlog(tx)

    async def measure(self) -> None:
        """Read depth and age of the queues; while PostgreSQL is away the last figures stay."""
        try:
            async with self._database.reading() as tx:
                waiting = await inbox.backlog(tx)
                commands = [queue for queue in await outbox.backlog(tx) if queue.destination == DESTINATION]
        except monitoring.OUTAGES:
            return
        _inbox_waiting.set(waiting.waiting)
        _inbox_oldest.set(waiting.oldest_seconds)
        _inbox_parked.set(waiting.parked)
        for queue in commands or [outbox.Backlog(DESTINATION, 0, 0, 0)]:
            _outbox_waiting.labels(DESTINATION).set(queue.waiting)
            _outbox_oldest.labels(DESTINATION).set(queue.oldest_seconds)
            _outbox_dead.labels(DESTINATION).set(queue.dead)
