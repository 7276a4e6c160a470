"""How an effect is carried out: load its outbox row, do it, and set the row done in the effect's own transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from prometheus_client import Counter
from structlog.contextvars import bound_contextvars

from db import outbox
from db.engine import Database, Transaction
from db.outbox import Entry

LONGEST_PAUSE = timedelta(minutes=1)
"""Between two attempts: people wait for what is done here."""

_effects = Counter("meton_effects_total", "Outbox rows worked on", ["topic", "outcome"])


class AlreadyDoneError(Exception):
    """Somebody else finished the row meanwhile: what this transaction did must not happen."""


class Task:
    """One outbox row being worked on."""

    def __init__(self, database: Database, entry: Entry) -> None:
        self.entry = entry
        self._database = database

    @asynccontextmanager
    async def finishing(self) -> AsyncIterator[Transaction]:
        """The transaction of the effect. The row is done if and only if it commits, and only one such commits.

        Setting the row done first takes its lock, so a second worker waits here and is then told AlreadyDoneError.
        """
        async with self._database.transaction() as tx:
            if not await outbox.finish(tx, self.entry.id):
                raise AlreadyDoneError
            yield tx


Effect = Callable[[Task], Awaitable[None]]


async def perform(database: Database, effect: Effect, outbox_id: str) -> None:
    """Carry out `effect` for one row; a row that is finished or in other hands is left alone.

    A failure is written to the row, which says when it is tried again, and raised so that it is logged.
    """
    async with database.transaction() as tx:
        entry = await outbox.take(tx, UUID(outbox_id))
    if entry is None:
        return
    with bound_contextvars(topic=entry.topic, outbox_id=outbox_id, request_id=entry.request_id):
        try:
            await effect(Task(database, entry))
        except AlreadyDoneError:
            return
        except Exception as error:
            _effects.labels(entry.topic, "failed").inc()
            async with database.transaction() as tx:
                await outbox.give_back(tx, entry.id, f"{type(error).__name__}: {error}", longest=LONGEST_PAUSE)
            raise
    _effects.labels(entry.topic, "done").inc()
