"""The event worker's part of opening an account, for tests that do not run one."""

from __future__ import annotations

from sqlalchemy import select

from db import opening
from db.engine import Statement
from db.models import Outbox
from event_worker.actors.opening import let_in
from event_worker.tasks import perform
from tests.support.clones import Clone

_UNDONE = Statement(
    select(Outbox.id).where(Outbox.topic == opening.TOPIC, Outbox.done_at.is_(None)).order_by(Outbox.id)
)


async def undone(database: Clone) -> list[str]:
    """The rows that ask to let people in, oldest first."""
    async with database.reading() as tx:
        return [str(row["id"]) for row in await tx.rows(_UNDONE)]


async def let_in_a_batch(database: Clone) -> None:
    """Carry out what is asked for now, with the rights of event_worker."""
    own = await database.as_role("event_worker")
    for outbox_id in await undone(database):
        await perform(own, let_in, outbox_id)


async def let_in_all(database: Clone) -> int:
    """Carry out what is asked for until nothing is; how many times there was something."""
    times = 0
    while await undone(database):
        await let_in_a_batch(database)
        times += 1
    return times
