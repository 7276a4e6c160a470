"""Compares what Synapse knows with what has arrived here, and brings what is missing through the same inbox.

Synapse loses events that wait for a slow answer when it stops, and we may have been told nothing for a while. Read
receipts that got lost cannot be had back: no administrator may read them; the next one of the same person mends that.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import structlog
from aiohttp import ClientError
from mautrix.errors import MatrixError, MatrixRequestError
from prometheus_client import Counter

from appservice.conversations import queries as rooms
from appservice.homeserver import Homeserver, Json
from appservice.metadata import reduce_transaction
from appservice.people import queries as people
from appservice.waking import OUTAGES, set_within
from db import inbox, outbox
from db.engine import Database

EVERY_S = 120.0
RETRY_S = 5.0
PAGE = 100
PAGES_A_ROUND = 500
"""Requests for history in one round; rooms that were not looked at come first in the next one."""
LISTS_A_ROUND = 50
PEOPLE_A_ROUND = 200
SETTLED_MS = 5 * 60_000
"""Events older than this keep their place in a room's history; among younger ones another may still appear."""

_log = structlog.get_logger()
_missing = Counter("meton_reconcile_missing_total", "Events that Synapse had and we had not")
_rounds = Counter("meton_reconcile_rounds_total", "Rounds of comparing with Synapse", ["outcome"])


class Reconcile:
    """Goes round until stopped: first at start."""

    def __init__(self, database: Database, homeserver: Homeserver) -> None:
        self._database = database
        self._homeserver = homeserver
        self._stopping = asyncio.Event()
        self._pages_left = PAGES_A_ROUND
        self._listed = 0

    def stop(self) -> None:
        """End after the request at work."""
        self._stopping.set()

    async def run(self) -> None:
        """Ask for what Synapse has kept, then compare, again and again; soon again after a failure."""
        while not self._stopping.is_set():
            try:
                await self._homeserver.ask_for_backlog()
                await self.round()
                pause, outcome = EVERY_S, "done"
            except (MatrixError, ClientError, *OUTAGES) as error:
                _log.warning("reconcile broken off", error=type(error).__name__)
                pause, outcome = RETRY_S, "broken off"
            _rounds.labels(outcome).inc()
            await set_within(self._stopping, pause)

    async def round(self) -> int:
        """Compare once, within the bounds above; returns how many events were missing."""
        self._pages_left = PAGES_A_ROUND
        await self._remember_people()
        missing = sum([await self.compare(room_id) for room_id in await self._unknown_rooms()])
        async with self._database.reading() as tx:
            known = await tx.rows(rooms.ROOMS_BY_COMPARISON, limit=PAGES_A_ROUND)
        for room in known:
            missing += await self.compare(room["room_id"], room["reconciled_to"])
        if missing:
            _log.warning("events were missing", count=missing)
        return missing

    async def _remember_people(self) -> None:
        async with self._database.transaction() as tx:
            for person in await tx.rows(people.FORGOTTEN, limit=PEOPLE_A_ROUND):
                user_id = str(person["id"])
                await outbox.emit(tx, "appservice", "person.registered", {"user_id": user_id}, key=user_id)

    async def _unknown_rooms(self) -> list[str]:
        """Rooms that exist and of which nothing has arrived; a long list is looked through in several rounds."""
        unknown: list[str] = []
        for _ in range(LISTS_A_ROUND):
            page = await self._homeserver.rooms(self._listed, PAGE)
            if not page:
                self._listed = 0
                break
            self._listed += PAGE
            async with self._database.reading() as tx:
                unknown += [row["room_id"] for row in await tx.rows(rooms.UNKNOWN_ROOMS, rooms=page)]
        return unknown

    async def compare(self, room_id: str, place: str | None = None) -> int:
        """Read a room's history from `place` on and store what is not here; the settled part is not read again."""
        missing, settled = 0, place
        while self._pages_left > 0 and not self._stopping.is_set():
            self._pages_left -= 1
            try:
                events, after = await self._homeserver.history(room_id, place, PAGE)
            except MatrixRequestError as error:
                if error.http_status != 400 or place is None:
                    raise
                place = settled = None  # Synapse does not know the place (any more): begin again
                continue
            missing += await self._store(events)
            if after is None or len(events) < PAGE:
                break
            place = after
            if _is_settled(events):
                settled = place
        async with self._database.transaction() as tx:
            await tx.execute(rooms.COMPARED, room=room_id, place=settled)
        return missing

    async def _store(self, events: list[Json]) -> int:
        entries = reduce_transaction({"events": events})
        async with self._database.transaction() as tx:
            count = await inbox.store(tx, entries)
        _missing.inc(count)
        return count


def _is_settled(events: list[Json]) -> bool:
    newest = max(event["origin_server_ts"] for event in events)
    return bool(newest < datetime.now(UTC).timestamp() * 1000 - SETTLED_MS)
