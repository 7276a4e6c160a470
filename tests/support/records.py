"""What tests of the API put into the database as its owner, and what they find there afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, func, insert, select, update
from uuid_utils.compat import uuid7

from db.engine import Statement
from db.models import MediaItem, Outbox, Post, User
from tests.support.clones import Clone

_OUTBOX = Statement(select(Outbox.payload).where(Outbox.topic == bindparam("topic", type_=Text())).order_by(Outbox.id))
_STATUS = Statement(
    update(User).where(User.id == bindparam("person", type_=Uuid())).values(status=bindparam("status_"))
)


async def outbox(database: Clone, topic: str) -> list[dict[str, Any]]:
    """The payloads written for `topic`, oldest first."""
    async with database.reading() as tx:
        return [row["payload"] for row in await tx.rows(_OUTBOX, topic=topic)]


async def told(database: Clone, kind: str) -> list[dict[str, Any]]:
    """The live events of one type: `users` and `payload`."""
    return [event for event in await outbox(database, "live") if event["type"] == kind]


async def set_status(database: Clone, person: UUID, status: str) -> None:
    """Suspend, deactivate, erase or bring back a person."""
    async with database.transaction() as tx:
        await tx.execute(_STATUS, person=person, status_=status)


async def upload(database: Clone, owner: UUID, kind: str = "image", state: str = "done", **columns: Any) -> UUID:
    """A media item as it is after its upload, and after the worker's work when `state` says so."""
    media_id = uuid7()
    values = {
        "id": media_id,
        "user_id": owner,
        "kind": kind,
        "storage_key": f"{media_id}/original",
        "mime_type": "video/mp4" if kind == "video" else "image/jpeg",
        "transcoding_status": state,
    }
    if state == "done":
        main = "hls/master.m3u8" if kind == "video" else "photo.jpg"
        values |= {"playlist_key": f"{media_id}/1/{main}", "thumb_key": f"{media_id}/1/poster.jpg"}
    async with database.transaction() as tx:
        await tx.execute(Statement(insert(MediaItem).values(values | columns)))
    return media_id


async def change_media(database: Clone, media_id: UUID, **columns: Any) -> None:
    """Change a media item as the worker would."""
    async with database.transaction() as tx:
        await tx.execute(Statement(update(MediaItem).where(MediaItem.id == media_id).values(columns)))


async def change_post(database: Clone, post_id: str, **columns: Any) -> None:
    """Change a post as the worker or a moderator would."""
    async with database.transaction() as tx:
        await tx.execute(Statement(update(Post).where(Post.id == UUID(post_id)).values(columns)))


async def count(database: Clone, table: type[Any]) -> int:
    """How many rows there are."""
    async with database.reading() as tx:
        return int(await tx.value(Statement(select(func.count()).select_from(table))))


async def now(database: Clone) -> datetime:
    """The database's time."""
    async with database.reading() as tx:
        moment: datetime = await tx.value(Statement(select(func.now())))
        return moment
