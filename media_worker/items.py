"""The life of a media item in PostgreSQL: pending → processing (under a lease) → done | failed, step by step.

A lease has a token that only rises. Every write of a worker names its token, so whoever lost the lease writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Interval,
    Text,
    Uuid,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from db import live, outbox, publication
from db.engine import Statement, Transaction
from db.models import MediaItem, Post, Sound
from media_worker.ffmpeg import UnusableError
from media_worker.ladder import Artifacts

MAX_ATTEMPTS = 3
LEASE_SECONDS = 20
HEARTBEAT_SECONDS = 5
REEL_SECONDS = 90
UNDECLARED = -1
GIVEN_UP_AFTER = timedelta(hours=24)  # far beyond the life of any upload form
WORN_OUT = "Processing this file broke down three times."


class LeaseLostError(Exception):
    """Somebody else works on the item now: stop, and write nothing."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Leave to process one item; `token` is part of the keys of what is made."""

    media_id: UUID
    token: int
    kind: str
    post_type: str | None

    @property
    def prefix(self) -> str:
        """Where in the bucket `media` the artifacts of this attempt lie."""
        return f"{self.media_id}/{self.token}"


@dataclass(frozen=True, slots=True)
class Standing:
    """An item as somebody without a lease finds it; `seconds_left` of somebody's lease, 0 when nobody has one."""

    seconds_left: float
    attempts: int

    @property
    def worn_out(self) -> bool:
        """Whether it had all its attempts, and all of them broke down."""
        return self.attempts >= MAX_ATTEMPTS and self.seconds_left <= 0


async def uploaded(tx: Transaction, media_id: UUID, size: int, request_id: str | None) -> bool:
    """The object is there: have it processed. False when that was done before, whoever noticed it."""
    row = await tx.row(_UPLOADED, media_id=media_id, size=size)
    if row is None:
        return False
    await outbox.emit(tx, "media_worker", "media.uploaded", {"media_id": str(media_id)}, request_id=request_id)
    return True


async def expected(tx: Transaction, media_id: UUID) -> int | None:
    """The declared size in bytes (or UNDECLARED) of an upload that was not seen yet; None when there is no such."""
    size: int | None = await tx.value(_EXPECTED, media_id=media_id)
    return size


async def oldest_expected(tx: Transaction) -> UUID | None:
    """The oldest item whose upload was not seen yet."""
    media_id: UUID | None = await tx.value(_OLDEST_EXPECTED)
    return media_id


async def give_up_waiting(tx: Transaction) -> int:
    """Fail the items whose upload form ended long ago without an upload; returns how many."""
    return await tx.execute(_GIVE_UP_WAITING)


async def lease(tx: Transaction, media_id: UUID) -> Lease | None:
    """Take the item for LEASE_SECONDS; None when it does not wait, is in work, or used up its attempts."""
    row = await tx.row(_LEASE, media_id=media_id)
    if row is None:
        return None
    post_type = await tx.value(_POST_TYPE, post_id=row["post_id"])
    return Lease(media_id=media_id, token=row["lease_token"], kind=row["kind"], post_type=post_type)


async def standing(tx: Transaction, media_id: UUID) -> Standing | None:
    """How an unfinished item stands; None when it is finished or gone."""
    row = await tx.row(_STANDING, media_id=media_id)
    return Standing(seconds_left=float(row["seconds_left"]), attempts=row["attempts"]) if row else None


async def renew(tx: Transaction, held: Lease) -> None:
    """Prolong the lease; LeaseLostError when it is no longer ours."""
    if not await tx.execute(_RENEW, media_id=held.media_id, token=held.token):
        raise LeaseLostError(held.prefix)


async def give_back(tx: Transaction, held: Lease, *, counts: bool) -> bool:
    """End the lease without a result; `counts`: this attempt may have been the file's fault. False when it was lost."""
    return await tx.execute(_GIVE_BACK, media_id=held.media_id, token=held.token, uncounted=0 if counts else 1) == 1


async def complete(tx: Transaction, held: Lease, made: Artifacts, request_id: str | None) -> None:
    """Record what was made, publish the post if this was the last it waited for, and tell the author.

    Raises LeaseLostError, or UnusableError when the post it was attached to meanwhile cannot have it; roll back then.
    """
    row = await tx.row(
        _COMPLETE,
        media_id=held.media_id,
        token=held.token,
        playlist_key=_key(held, made.playlist),
        thumb_key=_key(held, made.thumb),
        audio_key=_key(held, made.audio),
        mime_type=made.mime_type,
        width=made.width,
        height=made.height,
        duration=None if made.duration is None else max(1, round(made.duration)),
    )
    if row is None:
        raise LeaseLostError(held.prefix)
    author, post_id = row["user_id"], row["post_id"]
    if made.audio:
        await tx.execute(_KEEP_SOUND, user_id=author, key=_key(held, made.audio), duration=row["duration_sec"])
    payload = {"media_id": str(held.media_id), "post_id": post_id and str(post_id)}
    await live.emit(tx, "media.ready", [author], payload, request_id=request_id)
    if post_id is not None:
        # two items of one post may end at the same moment: the second must see the first
        post_type = await tx.value(_LOCK_POST, post_id=post_id)
        check_length(post_type, made.duration)
        check_shape(post_type, made.width, made.height)
        if await tx.execute(_PUBLISH, post_id=post_id):
            await publication.announce(tx, post_id, request_id)
            await live.emit(tx, "post.published", [author], {"post_id": str(post_id)}, request_id=request_id)


async def fail(tx: Transaction, media_id: UUID, token: int | None, reason: str, request_id: str | None) -> bool:
    """Record for good that nothing comes of the item, and why; `token` None: when nobody holds it.

    False, and nothing written, when the item is finished or held by somebody else.
    """
    row = await tx.row(_FAIL, media_id=media_id, token=token, reason=reason)
    if row is None:
        return False
    payload = {"media_id": str(media_id), "post_id": row["post_id"] and str(row["post_id"]), "reason": reason}
    await live.emit(tx, "media.failed", [row["user_id"]], payload, request_id=request_id)
    return True


def check_length(post_type: str | None, duration: float | None) -> None:
    """A reel is short: UnusableError when it is not. `duration` in seconds."""
    if post_type == "reel" and duration is not None and duration > REEL_SECONDS + 0.5:
        raise UnusableError(f"A reel is at most {REEL_SECONDS} seconds long.")


def check_shape(post_type: str | None, width: int | None, height: int | None) -> None:
    """A reel is upright, or square: UnusableError when it is not."""
    if post_type == "reel" and width is not None and height is not None and width > height:
        raise UnusableError("A reel is an upright video.")


def _key(held: Lease, path: str | None) -> str | None:
    return f"{held.prefix}/{path}" if path else None


_MEDIA_ID = bindparam("media_id", type_=Uuid())
_POST_ID = bindparam("post_id", type_=Uuid())
_TOKEN = bindparam("token", type_=BigInteger())
_DURATION = bindparam("duration", type_=Integer())
_NOW: ColumnElement[datetime] = func.now()
_LEASE_END = _NOW + literal(timedelta(seconds=LEASE_SECONDS), Interval())
_WAITS = (MediaItem.id == _MEDIA_ID, MediaItem.transcoding_status == "pending")
_FREE = or_(MediaItem.lease_until.is_(None), MediaItem.lease_until <= _NOW)
_IN_WORK = (MediaItem.id == _MEDIA_ID, MediaItem.transcoding_status == "processing")
_OURS = (*_IN_WORK, MediaItem.lease_token == _TOKEN)

_UPLOADED = Statement(
    update(MediaItem)
    .where(*_WAITS)
    .values(transcoding_status="processing", uploaded_at=_NOW, byte_size=bindparam("size", type_=BigInteger()))
    .returning(MediaItem.id)
)
_EXPECTED = Statement(select(func.coalesce(MediaItem.byte_size, UNDECLARED)).where(*_WAITS))
_OLDEST_EXPECTED = Statement(
    select(MediaItem.id).where(MediaItem.transcoding_status == "pending").order_by(MediaItem.id).limit(1)
)
_GIVE_UP_WAITING = Statement(
    update(MediaItem)
    .where(MediaItem.transcoding_status == "pending", MediaItem.created_at < _NOW - literal(GIVEN_UP_AFTER, Interval()))
    .values(transcoding_status="failed", failure="Nothing was uploaded.")
)
_LEASE = Statement(
    update(MediaItem)
    .where(*_IN_WORK, _FREE, MediaItem.attempts < MAX_ATTEMPTS)
    .values(lease_token=MediaItem.lease_token + 1, attempts=MediaItem.attempts + 1, lease_until=_LEASE_END)
    .returning(MediaItem.lease_token, MediaItem.kind, MediaItem.post_id)
)
# A draft may still become a post of another type, whose rules its files keep to.
_ruling_type = case((~Post.draft, Post.type))
_POST_TYPE = Statement(select(_ruling_type).where(Post.id == _POST_ID))
_STANDING = Statement(
    select(
        func.greatest(func.extract("epoch", MediaItem.lease_until - _NOW), literal(0)).label("seconds_left"),
        MediaItem.attempts,
    ).where(*_IN_WORK)
)
_RENEW = Statement(update(MediaItem).where(*_OURS).values(lease_until=_LEASE_END))
_GIVE_BACK = Statement(
    update(MediaItem)
    .where(*_OURS)
    .values(lease_until=_NOW, attempts=MediaItem.attempts - bindparam("uncounted", type_=Integer()))
)
_COMPLETE = Statement(
    update(MediaItem)
    .where(*_OURS)
    .values(
        transcoding_status="done",
        lease_until=None,
        playlist_key=bindparam("playlist_key", type_=Text()),
        thumb_key=bindparam("thumb_key", type_=Text()),
        audio_key=bindparam("audio_key", type_=Text()),
        mime_type=bindparam("mime_type", type_=Text()),
        width=bindparam("width", type_=Integer()),
        height=bindparam("height", type_=Integer()),
        duration_sec=_DURATION,
    )
    .returning(MediaItem.user_id, MediaItem.post_id, MediaItem.duration_sec)
)
_FAIL = Statement(
    update(MediaItem)
    .where(
        MediaItem.id == _MEDIA_ID,
        or_(MediaItem.transcoding_status == "pending", MediaItem.transcoding_status == "processing"),
        or_(MediaItem.lease_token == _TOKEN, _TOKEN.is_(None) & _FREE),
    )
    .values(transcoding_status="failed", lease_until=None, failure=bindparam("reason", type_=Text()))
    .returning(MediaItem.user_id, MediaItem.post_id)
)
_KEEP_SOUND = Statement(
    insert(Sound).values(
        uploader_id=bindparam("user_id", type_=Uuid()),
        storage_key=bindparam("key", type_=Text()),
        duration_sec=_DURATION,
    )
)
_LOCK_POST = Statement(select(_ruling_type).where(Post.id == _POST_ID).with_for_update())
_PUBLISH = Statement(
    update(Post)
    .where(
        Post.id == _POST_ID,
        Post.published_at.is_(None),
        Post.deleted_at.is_(None),
        ~Post.draft,
        # before its time a post waits; after it, for its media alone
        or_(Post.publish_at.is_(None), Post.publish_at <= _NOW),
        ~exists().where(MediaItem.post_id == Post.id, MediaItem.transcoding_status != "done"),
    )
    .values(published_at=_NOW)
)
