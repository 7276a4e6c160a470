"""Noticing an upload: told by the store's event, the client (`upload.announced`) or the sweep, always the same step.

The first two are hints that may be lost or repeated; what they say beyond the media id is not used.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import msgspec
import structlog
from aiohttp import web

from db.engine import Database
from media_worker import items
from media_worker.metrics import UPLOADS_NOTICED
from media_worker.storage import UNREACHABLE, Storage, uploaded_media

_log = structlog.get_logger()
_BUCKET = "/buckets/uploads/"


class _Entry(msgspec.Struct):
    is_directory: bool = False


class _Message(msgspec.Struct):
    new_entry: _Entry | None = None


class _Event(msgspec.Struct):
    key: str = ""
    message: _Message = msgspec.field(default_factory=_Message)


@dataclass(frozen=True, slots=True)
class Intake:
    """The step itself, and the endpoint through which the store tells of it."""

    database: Database
    storage: Storage
    event_token: str

    async def notice(self, media_id: UUID, heard: str, request_id: str | None = None) -> bool:
        """Look at the object and set its row processing, once; True when this call did. `heard` says from whom.

        Raises one of storage.UNREACHABLE or asyncpg.PostgresError; whoever called may call again.
        """
        async with self.database.reading() as tx:
            declared = await items.expected(tx, media_id)
        if declared is None:
            return False
        upload = await self.storage.find_upload(media_id)
        if upload is None:
            return False
        async with self.database.transaction() as tx:
            if declared in (upload.size, items.UNDECLARED):
                noticed = await items.uploaded(tx, media_id, upload.size, request_id)
            else:
                noticed = await items.fail(tx, media_id, None, "The upload has not the declared size.", request_id)
        if noticed:
            UPLOADS_NOTICED.labels(heard=heard).inc()
            _log.info("upload noticed", media_id=str(media_id), heard=heard, bytes=upload.size)
        return noticed

    async def heard_event(self, request: web.Request) -> web.Response:
        """POST /s3-events: 204 for what was noted or is not about an upload, 401, or 503 when it could not be noted."""
        # a header may hold bytes that are no text
        given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
        if not hmac.compare_digest(given, f"Bearer {self.event_token}".encode()):
            return web.Response(status=401)
        media_id = subject(await request.read())
        try:
            if media_id:
                await self.notice(media_id, "event")
        except (*UNREACHABLE, asyncpg.PostgresError) as error:
            _log.warning("event not noted", error=type(error).__name__)
            return web.Response(status=503)
        return web.Response(status=204)


def subject(body: bytes) -> UUID | None:
    """Which upload an event of the store is about; None for folders, parts of an upload, and what is no event."""
    try:
        event = msgspec.json.decode(body, type=_Event)
    except msgspec.DecodeError:
        return None
    entry = event.message.new_entry
    if entry is None or entry.is_directory or not event.key.startswith(_BUCKET):
        return None
    return uploaded_media(event.key.removeprefix(_BUCKET))
