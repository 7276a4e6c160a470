"""`/ws`: what happens to a person, told as it happens, and resumed where it broke off.

The truth is the table `live_events`: each connection reads it from its own cursor on, in order, so nothing is missed,
nothing comes twice, and a client that reads slowly holds up nobody. Valkey only says that there is something to read.

First message: `{"type":"hello","token":…,"cursor":41}`; the token may be in the `Authorization` header instead, never
in the address; `cursor` resumes. Answer: `{"type":"hello","cursor":n}`, then events
`{"type":…,"seq":…,"payload":…,"at":…}`. `{"type":"token","token":…}` goes on with a newer token of the same person.
`{"type":"resync","cursor":n}` says that the cursor is not known any more: read the lists anew; events go on after n.
`{"type":"feed.changed"}` is a hint without a number, told to who is there and to nobody later: the feed has a new post.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from enum import IntEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from aiohttp import WSMsgType, web
from prometheus_client import Gauge
from sqlalchemy import BigInteger, Uuid, bindparam, func, select

from db.engine import OUTAGES, Statement
from db.models import LiveCursor, LiveEvent
from social_api import requests
from social_api.auth.verdicts import Verdict
from social_api.limits import Limiter
from social_api.problems import AccountDeactivated, AccountSuspended, CrossSite, Malformed, Problem, Unauthorized
from social_api.route import READS
from social_api.services import Services
from social_api.wakeups import Wake, Wakeups

_connections = Gauge("meton_api_live_connections", "Open /ws connections")

HELLO_WITHIN = 10.0
SEND_WITHIN = 10.0
CLOSE_WITHIN = 5.0
POLL = 20.0
HEARTBEAT = 25.0
BATCH = 100
PER_PERSON = 20
"""Connections that one person may have open."""


class Close(IntEnum):
    """Why a connection was closed."""

    GOING_AWAY = 1001
    TRY_AGAIN = 1013
    NOT_UNDERSTOOD = 4400
    SIGN_IN = 4401
    TOO_SLOW = 4408
    """Not read fast enough: connect again and resume."""
    TOO_MANY = 4429


class Hello(msgspec.Struct, tag="hello", forbid_unknown_fields=True):
    """The first message."""

    token: str | None = None
    cursor: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] | None = None


class NewToken(msgspec.Struct, tag="token", forbid_unknown_fields=True):
    """A newer token, before the old one expires."""

    token: str


class TooSlowError(Exception):
    """The client does not take what it is sent."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Hello | NewToken)
_user_id = bindparam("user_id", type_=Uuid)
_cursor = bindparam("cursor", type_=BigInteger)

_LAST = Statement(select(LiveCursor.last_seq).where(LiveCursor.user_id == _user_id))
_FIRST_AFTER = Statement(select(func.min(LiveEvent.seq)).where(LiveEvent.user_id == _user_id, LiveEvent.seq > _cursor))
_AFTER = Statement(
    select(LiveEvent.seq, LiveEvent.type, LiveEvent.payload, LiveEvent.created_at)
    .where(LiveEvent.user_id == _user_id, LiveEvent.seq > _cursor)
    .order_by(LiveEvent.seq)
    .limit(BATCH)
)


class Live:
    """All connections of this process."""

    def __init__(self, services: Services, limiter: Limiter) -> None:
        self._settings = services.settings
        self._limiter = limiter
        self.database = services.database
        self.authenticator = services.authenticator
        self.wakeups = Wakeups(services.valkey)
        self._open: set[Connection] = set()
        services.revocations.on_change(self._end_revoked)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The aiohttp handler; raises CrossSite for a page of another site, and TooManyRequests."""
        if request.headers.get("Origin", self._settings.public_url) != self._settings.public_url:
            raise CrossSite
        address = requests.client_address(request, self._settings.gateway_networks)
        if not self._limiter.take(READS, f"address:{address}"):
            await self._limiter.lease(READS, f"address:{address}")
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT, timeout=CLOSE_WITHIN, max_msg_size=16 * 1024, compress=False
        )
        await socket.prepare(request)
        connection = Connection(self, socket)
        self._open.add(connection)
        with _connections.track_inprogress():
            try:
                code = await connection.serve(request)
            finally:
                self._open.discard(connection)
        transport = request.transport
        # no drain: it would wait, for as long as it takes, for a client that does not read; close waits for its answer
        await socket.close(code=code, message=code.name.lower().encode(), drain=False)
        if transport is not None:
            transport.abort()  # what a client that never answered has not read is dropped with it
        return socket

    async def close(self, _app: web.Application) -> None:
        """Tell all clients to come back later."""
        for connection in self._open:
            connection.end(Close.GOING_AWAY)

    def _end_revoked(self) -> None:
        for connection in self._open:
            if connection.verdict is not None and not self.authenticator.still_good(connection.verdict):
                connection.end(Close.SIGN_IN)


class Connection:
    """One client."""

    def __init__(self, live: Live, socket: web.WebSocketResponse) -> None:
        self._live = live
        self._socket = socket
        self._token = ""
        self._ended: asyncio.Future[Close] = asyncio.get_running_loop().create_future()
        self.verdict: Verdict | None = None

    def end(self, code: Close) -> None:
        """Close it for this reason."""
        if not self._ended.done():
            self._ended.set_result(code)

    async def serve(self, request: web.Request) -> Close:
        """Go through a connection's life; why it is to be closed."""
        try:
            async with asyncio.timeout(HELLO_WITHIN):
                hello = await self._hear()
            if not isinstance(hello, Hello):
                return Close.NOT_UNDERSTOOD
            token = hello.token if hello.token is not None else requests.bearer_token(request)
            verdict = await self._admit(token)
            if self._live.wakeups.count(verdict.actor.user_id) >= PER_PERSON:
                return Close.TOO_MANY
            with self._live.wakeups.of(verdict.actor.user_id) as wake:
                return await self._converse(verdict, hello.cursor, wake)
        except (Problem, TooSlowError, *OUTAGES) as error:
            return _code(error)

    async def _converse(self, verdict: Verdict, cursor: int | None, wake: Wake) -> Close:
        telling = asyncio.create_task(self._tell(verdict, cursor, wake))
        listening = asyncio.create_task(self._listen(verdict))
        try:
            done, _ = await asyncio.wait((telling, listening, self._ended), return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        finally:
            for task in (telling, listening):
                task.cancel()
            await asyncio.gather(telling, listening, return_exceptions=True)

    async def _listen(self, verdict: Verdict) -> Close:
        """Take newer tokens until the client goes."""
        while (said := await self._hear()) is not None:
            if not isinstance(said, NewToken):
                return Close.NOT_UNDERSTOOD
            newer = await self._admit(said.token)
            if newer.actor.user_id != verdict.actor.user_id:
                return Close.SIGN_IN
        return Close.GOING_AWAY

    async def _tell(self, verdict: Verdict, cursor: int | None, wake: Wake) -> Close:
        """Send what is after `cursor`, and go on as it comes, for as long as the token is good."""
        user_id = verdict.actor.user_id
        at = await self._start(user_id, cursor)
        while True:
            wake.clear()
            async with self._live.database.reading() as tx:
                rows = await tx.rows(_AFTER, user_id=user_id, cursor=at)
            for row in rows:
                event = {"type": row["type"], "seq": row["seq"], "payload": row["payload"], "at": row["created_at"]}
                await self._send(event)
                at = row["seq"]
            if wake.feed_changed:
                wake.feed_changed = False
                await self._send({"type": "feed.changed"})
            if len(rows) < BATCH:
                await self._wait(wake)
                self.verdict = await self._live.authenticator.admit(self._token)

    async def _start(self, user_id: UUID, cursor: int | None) -> int:
        """Say hello, and where events go on: after `cursor`, unless some of those are not kept any more."""
        async with self._live.database.reading() as tx:
            first = None if cursor is None else await tx.value(_FIRST_AFTER, user_id=user_id, cursor=cursor)
            last: int = await tx.value(_LAST, user_id=user_id) or 0
        await self._send({"type": "hello", "cursor": last if cursor is None else cursor})
        if cursor is None or cursor == last or first == cursor + 1:
            return last if cursor is None else cursor
        await self._send({"type": "resync", "cursor": last})
        return last

    async def _wait(self, wake: Wake) -> None:
        """Until there may be something to tell, or it is time to look whether the token is still good."""
        left = POLL if self.verdict is None else min(POLL, self.verdict.expires_at - time.time())
        with suppress(TimeoutError):
            async with asyncio.timeout(max(left, 0.0)):
                await wake.wait()

    async def _admit(self, token: str) -> Verdict:
        verdict = await self._live.authenticator.admit(token)
        self._token, self.verdict = token, verdict
        return verdict

    async def _hear(self) -> Hello | NewToken | None:
        """The next message, None when the client has gone; raises Malformed."""
        message = await self._socket.receive()
        if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
            return None
        if message.type is not WSMsgType.TEXT:
            raise Malformed
        try:
            said: Hello | NewToken = _decoder.decode(message.data)
        except msgspec.MsgspecError:
            raise Malformed from None
        return said

    async def _send(self, event: dict[str, Any]) -> None:
        """Send one frame; raises TooSlowError when the client does not read."""
        try:
            async with asyncio.timeout(SEND_WITHIN):
                await self._socket.send_frame(_encoder.encode(event), WSMsgType.TEXT)
        except TimeoutError:
            raise TooSlowError from None


def _code(error: Exception) -> Close:
    match error:
        case Unauthorized() | AccountSuspended() | AccountDeactivated():
            return Close.SIGN_IN
        case Malformed():
            return Close.NOT_UNDERSTOOD
        case TooSlowError():
            return Close.TOO_SLOW
        case _:
            return Close.TRY_AGAIN
