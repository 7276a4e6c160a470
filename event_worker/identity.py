"""Follows Keycloak: what ends there, or was disabled or deleted there, ends here within seconds.

Events are read every two seconds from a little before the last one seen; a slow sweep finds what no event told. Each
change is one transaction that does nothing when it is repeated, and the cursor moves last: a kill between any two lines
only means that something is looked at again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy import BigInteger, bindparam, func, literal, select, update

from db.engine import OUTAGES, Database, Statement, Transaction
from db.models import IdentityCursor
from db.waiting import set_within
from event_worker import changes, sweep
from event_worker.changes import Change
from event_worker.keycloak import Keycloak, KeycloakError
from event_worker.settling import Settler

POLL_S = 2.0
LONGEST_RETRY_S = 5.0
OVERLAP = timedelta(seconds=10)
"""An event may become visible after a later one was seen, by the length of a Keycloak transaction."""
FIRST_LOOK_BACK = timedelta(hours=1)
SWEEP_EVERY = timedelta(minutes=1)
LEADER_LOCK = 0x6D65746F6E2D6964  # "meton-id"

_log = structlog.get_logger()
_followed = Counter("meton_identity_changes_total", "Changes followed from Keycloak", ["kind"])


class Follower:
    """Follows one realm into one database; of several, one follows at a time."""

    def __init__(self, database: Database, keycloak: Keycloak) -> None:
        self._database = database
        self._keycloak = keycloak
        self._settler = Settler(database, keycloak)
        self._sweeper = sweep.Sweeper(database, keycloak, self._settler)
        self._seen: dict[UUID, datetime] = {}
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Let `run` return after the change at hand."""
        self._stopping.set()

    async def run(self) -> None:
        """Follow until `stop`; while another process follows, wait to take over."""
        while not self._stopping.is_set():
            try:
                async with self._leading() as leader:
                    if leader is not None:
                        await self._lead(leader)
            except OUTAGES as error:
                _log.warning("identity follower interrupted", error=type(error).__name__)
            await set_within(self._stopping, POLL_S)

    @asynccontextmanager
    async def _leading(self) -> AsyncIterator[Transaction | None]:
        """A connection that holds the leader's lock, which ends with it; None while another process has it."""
        async with self._database.reading() as leader:
            if not await leader.value(_TRY_LEAD):
                yield None
                return
            try:
                yield leader
            finally:
                if not leader.connection.is_closed():
                    await leader.value(_LEAD_NO_MORE)

    async def _lead(self, leader: Transaction) -> None:
        pause = POLL_S
        while not self._stopping.is_set():
            try:
                await self._poll(leader)
                pause = POLL_S
            except KeycloakError as error:
                _log.warning("keycloak is away", error=str(error))
                pause = min(pause * 1.5, LONGEST_RETRY_S)
            await set_within(self._stopping, pause)

    async def _poll(self, leader: Transaction) -> None:
        """One look at the events, and at the accounts when that is due."""
        began = datetime.now(UTC)
        # asked of the leader's own connection: without it we lead no more
        followed_to, swept_at = (await leader.rows(_CURSOR))[0]
        last = followed_to or began - FIRST_LOOK_BACK
        for change in await self._unseen(last - OVERLAP):
            await self._settler.settle(change)
            _followed.labels(type(change).__name__).inc()
            self._seen[change.cause.id] = change.cause.at
            last = max(last, change.cause.at)
        await leader.execute(_FOLLOWED, last_event_time=last, polled_at=began)
        self._seen = {known: at for known, at in self._seen.items() if at >= last - 2 * OVERLAP}
        if swept_at is None or began - swept_at >= SWEEP_EVERY:
            await self._sweeper.sweep()
            await leader.execute(_SWEPT, swept_at=began)

    async def _unseen(self, since: datetime) -> list[Change]:
        found: list[Change] = []
        async for event in self._keycloak.admin_events(since):
            if change := changes.of_administrator(event, self._keycloak.own_subject):
                found.append(change)
        async for own in self._keycloak.user_events(since):
            if change := changes.of_person(own):
                found.append(change)
        return sorted((c for c in found if c.cause.id not in self._seen), key=lambda change: change.cause.at)


_TRY_LEAD = Statement(select(func.pg_try_advisory_lock(literal(LEADER_LOCK, BigInteger))))
_LEAD_NO_MORE = Statement(select(func.pg_advisory_unlock(literal(LEADER_LOCK, BigInteger))))
_CURSOR = Statement(select(IdentityCursor.last_event_time, IdentityCursor.swept_at))
_FOLLOWED = Statement(
    update(IdentityCursor).values(last_event_time=bindparam("last_event_time"), polled_at=bindparam("polled_at"))
)
_SWEPT = Statement(update(IdentityCursor).values(swept_at=bindparam("swept_at")))
