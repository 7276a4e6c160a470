"""Commands carried out as the service does it."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from appservice.command import Tools
from appservice.deliver import Delivery
from db.engine import Statement
from db.models.outbox import Outbox
from tests.support.clones import Clone
from tests.support.waiting import eventually

WAITING = Statement(select(Outbox.topic).where(Outbox.destination == "appservice", Outbox.done_at.is_(None)))


class Delivering:
    """A delivery that runs until all commands are done."""

    def __init__(self, database: Clone, tools: Tools, *, ignoring: str = "") -> None:
        self.database = database
        self.ignoring = ignoring
        self.delivery = Delivery(tools)

    async def __aenter__(self) -> None:
        self.task = asyncio.create_task(self.delivery.run())

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            await eventually(self.all_done)
        self.delivery.stop()
        await self.task

    async def all_done(self) -> bool:
        async with self.database.reading() as tx:
            return all(row["topic"] == self.ignoring for row in await tx.rows(WAITING))
