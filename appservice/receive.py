"""Synapse -> inbox: takes transactions, keeps the metadata of what they bring, and answers at once.

200 only after commit, so nothing is lost here; 503 while the database is away, so Synapse brings it again. Work is done
later (dispatch.py): Synapse loses events while it waits for a slow answer.
"""

from __future__ import annotations

import hmac

import msgspec
import structlog
from aiohttp import web
from prometheus_client import Counter, Histogram

from appservice.metadata import reduce_transaction
from appservice.waking import OUTAGES
from db import inbox
from db.engine import Database

MAX_BYTES = 64 * 1024 * 1024
"""A hundred events of 64 KiB, as many ephemeral ones, and what JSON makes of them; one refused blocks for ever."""

DATABASE = web.AppKey("database", Database)
HS_TOKEN = web.AppKey("hs_token", str)

_log = structlog.get_logger()
_received = Counter("meton_transactions_total", "Transactions from Synapse", ["outcome"])
_seconds = Histogram("meton_transaction_seconds", "Time to store a transaction")

routes = web.RouteTableDef()


@routes.put("/_matrix/app/v1/transactions/{txn_id}")
async def transaction(request: web.Request) -> web.Response:
    """Store what a transaction brings; events known already are left alone, so the transaction id does not matter."""
    if not _is_synapse(request):
        return _refuse(403, "M_FORBIDDEN", "wrong token")
    try:
        body = msgspec.json.decode(await request.read())
    except msgspec.DecodeError:
        return _refuse(400, "M_NOT_JSON", "the body is not JSON")
    entries = reduce_transaction(body)
    with _seconds.time():
        try:
            async with request.app[DATABASE].transaction() as tx:
                await inbox.store(tx, entries)
        except OUTAGES as error:
            _received.labels("refused").inc()
            _log.warning("transaction refused", error=type(error).__name__)
            return _refuse(503, "M_UNKNOWN", "the database is away")
    _received.labels("stored").inc()
    return web.json_response({})


@routes.post("/_matrix/app/v1/ping")
async def ping(request: web.Request) -> web.Response:
    """Synapse asks whether it may bring events; it does so when we ask it to."""
    return web.json_response({}) if _is_synapse(request) else _refuse(403, "M_FORBIDDEN", "wrong token")


def _is_synapse(request: web.Request) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    given = token.encode(errors="surrogateescape")  # a header may hold bytes that are no text
    return hmac.compare_digest(given, request.app[HS_TOKEN].encode()) and scheme == "Bearer"


def _refuse(status: int, errcode: str, error: str) -> web.Response:
    return web.json_response({"errcode": errcode, "error": error}, status=status)
