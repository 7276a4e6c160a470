"""Inbox -> PostgreSQL: works through what happened, in order within a room, rooms beside each other.

A room is held for the length of a transaction (db.inbox.take), and its rows are set done in the transaction of their
effects: a kill only means that they are worked through again. What cannot be worked through is parked with its reason;
what waits for Synapse (who is this? what room is this?) is postponed. Neither holds up other rooms.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from uuid import UUID

import structlog
from aiohttp import ClientError
from mautrix.errors import MatrixError
from prometheus_client import Counter

from appservice import events, metadata
from appservice.conversations import events as conversations
from appservice.conversations.events import UnknownRoomError
from appservice.events import RoomEvent
from appservice.homeserver import Homeserver
from appservice.people import queries as people_queries
from appservice.people.accounts import meet
from appservice.waking import OUTAGES, POLL_S, set_within
from db import inbox
from db.engine import Database, Transaction
from db.inbox import Entry

WORKERS = 4
BATCH = 50
"""Rows of one room in one transaction."""
POSTPONE_S = 2.0
STRANGER_S = 60.0
"""How long an account that belongs to no person is not asked about again."""

_log = structlog.get_logger()
_dispatched = Counter("meton_inbox_total", "Inbox rows worked through", ["outcome"])


class UnknownPeopleError(LookupError):
    """Accounts that have not been met yet; `mxids` names them."""

    def __init__(self, mxids: frozenset[str]) -> None:
        super().__init__(f"{len(mxids)} unknown accounts")
        self.mxids = mxids


class Dispatch:
    """Works through the inbox until stopped; several processes may do so at once."""

    def __init__(self, database: Database, homeserver: Homeserver) -> None:
        self._database = database
        self._homeserver = homeserver
        self._strangers: dict[str, float] = {}
        self._woken = [asyncio.Event() for _ in range(WORKERS)]
        self._stopping = asyncio.Event()

    def wake(self) -> None:
        """Look for rows now."""
        for woken in self._woken:
            woken.set()

    def stop(self) -> None:
        """Begin nothing more; `run` returns when what is at work has ended."""
        self._stopping.set()
        self.wake()

    async def run(self) -> None:
        """Work until `stop`."""
        async with asyncio.TaskGroup() as workers:
            for woken in self._woken:
                workers.create_task(self._work(woken))

    async def _work(self, woken: asyncio.Event) -> None:
        while not self._stopping.is_set():
            woken.clear()
            try:
                while not self._stopping.is_set() and await self.turn():
                    pass
            except OUTAGES as error:
                _log.warning("dispatch interrupted", error=type(error).__name__)
            await set_within(woken, POLL_S)

    async def turn(self) -> bool:
        """Work through waiting rows of one room; False when nothing waits (or all that waits is held or postponed)."""
        async with self._database.transaction() as tx:
            entries = await inbox.take(tx, BATCH)
            obstacle = await self._work_through(tx, entries)
        if obstacle is not None:
            await self._remove(*obstacle)
        return bool(entries)

    async def _work_through(self, tx: Transaction, entries: list[Entry]) -> tuple[Entry, LookupError] | None:
        """Apply rows in order up to the first that needs something from Synapse; returns that one."""
        people = await self._people(tx, entries)
        done: list[str] = []
        obstacle = None
        for entry in entries:
            try:
                async with tx.connection.transaction():
                    await self._apply(tx, events.read(entry), people)
                done.append(entry.event_id)
            except OUTAGES:
                raise
            except (UnknownPeopleError, UnknownRoomError) as error:
                obstacle = (entry, error)
                break
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one row must not hold up its room
                await self._park(tx, entry, error)
        await inbox.finish(tx, done)
        _dispatched.labels("done").inc(len(done))
        return obstacle

    async def _apply(self, tx: Transaction, event: RoomEvent, people: Mapping[str, UUID]) -> None:
        unknown = frozenset(mxid for mxid in event.people if mxid not in people and not self._is_stranger(mxid))
        if unknown:
            raise UnknownPeopleError(unknown)
        await conversations.apply(tx, event, people)

    async def _people(self, tx: Transaction, entries: Iterable[Entry]) -> dict[str, UUID]:
        rows = await tx.rows(people_queries.PEOPLE_BY_MXID, mxids=list(events.mentioned(entries)))
        return {row["mxid"]: row["user_id"] for row in rows}

    async def _remove(self, entry: Entry, obstacle: LookupError) -> None:
        """Ask Synapse for what was missing; while it cannot be had, the room waits."""
        try:
            if isinstance(obstacle, UnknownPeopleError):
                await self._meet(obstacle.mxids)
            else:
                await self._adopt(entry)
        except OUTAGES:
            raise
        except (MatrixError, ClientError) as error:  # away, or refuses us: both pass without the event's doing
            _log.warning("postponed", event_id=entry.event_id, error=type(error).__name__)
            async with self._database.transaction() as tx:
                await inbox.postpone(tx, entry.event_id, POSTPONE_S)
        except Exception as error:  # noqa: BLE001 - as above
            async with self._database.transaction() as tx:
                await self._park(tx, entry, error)

    async def _park(self, tx: Transaction, entry: Entry, error: Exception) -> None:
        await inbox.park(tx, entry.event_id, type(error).__name__)
        _dispatched.labels("parked").inc()
        _log.error("parked", event_id=entry.event_id, error=type(error).__name__)

    async def _meet(self, mxids: Iterable[str]) -> None:
        for mxid in mxids:
            if await meet(self._database, self._homeserver, mxid) is None:
                self._strangers[mxid] = time.monotonic() + STRANGER_S

    def _is_stranger(self, mxid: str) -> bool:
        return self._strangers.get(mxid, 0) > time.monotonic()

    async def _adopt(self, entry: Entry) -> None:
        """Begin a room whose creation was lost with its state as it is now; skip the row if it is none of ours."""
        state = await self._homeserver.room_state(entry.room_id) or []
        reduced = [found for found in map(metadata.reduce_event, state) if found is not None]
        created = [each for each in reduced if each.event["type"] == "m.room.create"]
        async with self._database.transaction() as tx:
            if not created or "type" in created[0].event["content"]:
                await inbox.finish(tx, [entry.event_id])
                return
        await self._meet(await self._unknown(reduced))
        async with self._database.transaction() as tx:
            people = await self._people(tx, reduced)
            for each in [*created, *(each for each in reduced if each not in created)]:
                await conversations.apply(tx, events.read(each), people)

    async def _unknown(self, entries: list[Entry]) -> set[str]:
        async with self._database.reading() as tx:
            people = await self._people(tx, entries)
        return {mxid for mxid in events.mentioned(entries) - people.keys() if not self._is_stranger(mxid)}
