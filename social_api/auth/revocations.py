"""What has been ended before its time, kept in memory so that every request can be held against it.

`revocations` rows are the truth. NOTIFY wakes us; a poll finds what a lost notification would have told.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import asyncpg
import structlog
from sqlalchemy import DateTime, bindparam, func, select

from db.engine import OUTAGES, Database, Statement
from db.models import IdentityCursor, Revocation
from social_api.auth.tokens import MAX_LIFETIME

_log = structlog.get_logger()

POLL_SECONDS = 2.0
STALE_SECONDS = 30.0
"""When Keycloak has not been followed for this long, what we hold is not trusted alone."""

_KEPT = timedelta(seconds=MAX_LIFETIME + 600)
_OVERLAP = timedelta(seconds=60)  # rows appear when their transaction commits, which may be after younger ones

_NEWER = Statement(
    select(
        Revocation.subject, Revocation.session, Revocation.token, Revocation.not_before, Revocation.created_at
    ).where(Revocation.created_at > bindparam("since", type_=DateTime(timezone=True)))
)
_FOLLOWED = Statement(select(func.extract("epoch", func.now() - IdentityCursor.polled_at)))


class Revocations:
    """Ended subjects, sessions and single tokens; also knows whether this knowledge is fresh."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._subjects: dict[str, int] = {}
        self._sessions: dict[str, float] = {}
        self._tokens: dict[str, float] = {}
        self._fresh_until = float("-inf")
        self._since = datetime.min.replace(tzinfo=UTC)
        self._wake = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []

    def revoked(self, subject: str, session: str | None, token_id: str | None, issued_at: int) -> bool:
        """Whether the token of this subject, session and id, issued at that epoch second, has been ended."""
        floor = self._subjects.get(subject)
        return (floor is not None and issued_at <= floor) or session in self._sessions or token_id in self._tokens

    @property
    def fresh(self) -> bool:
        """Whether everything that Keycloak ended up to half a minute ago is known here."""
        return time.monotonic() < self._fresh_until

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever something new has been ended."""
        self._listeners.append(listener)

    def end(self, session: str, tokens: Collection[str] | None) -> None:
        """Take note of what has just been ended here: `tokens` (`jti`) of a session, or all of it.

        Their rows will come back as any others; this does not wait for them.
        """
        now = time.time()
        if tokens is None:
            self._sessions[session] = now
        else:
            self._tokens |= dict.fromkeys(tokens, now)
        self._tell()

    async def load(self) -> None:
        """Read what is new; raises asyncpg errors and OSError."""
        horizon = datetime.now(UTC) - _KEPT
        asked_at = time.monotonic()
        async with self._database.reading() as tx:
            rows = await tx.rows(_NEWER, since=max(self._since, horizon))
            age = await tx.value(_FOLLOWED)
        changed = [self._take(row) for row in rows]
        self._forget(horizon.timestamp())
        if age is not None:
            self._fresh_until = asked_at + STALE_SECONDS - float(age)
        if any(changed):
            self._tell()

    async def follow(self) -> None:
        """Keep up to date until cancelled, whatever happens to the database."""
        while True:
            with suppress(*OUTAGES):
                async with self._database.listening("revocations", lambda _: self._wake.set()) as connection:
                    while not connection.is_closed():
                        await self.load()
                        await self._woken()
            _log.warning("revocations cannot be read; trying again")
            await self._woken()

    def _take(self, row: asyncpg.Record) -> bool:
        """Remember one row; answers whether it says anything new."""
        self._since = max(self._since, row["created_at"] - _OVERLAP)
        subject, floor, at = row["subject"], int(row["not_before"].timestamp()), row["created_at"].timestamp()
        new_subject = subject is not None and floor > self._subjects.get(subject, 0)
        if new_subject:
            self._subjects[subject] = floor
        ended, known = (row["session"], self._sessions) if row["token"] is None else (row["token"], self._tokens)
        if ended is None or ended in known:
            return new_subject
        known[ended] = at
        return True

    def _forget(self, horizon: float) -> None:
        self._sessions = {session: at for session, at in self._sessions.items() if at > horizon}
        self._tokens = {token: at for token, at in self._tokens.items() if at > horizon}
        self._subjects = {subject: floor for subject, floor in self._subjects.items() if floor > horizon}

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    async def _woken(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._wake.wait()
        self._wake.clear()
