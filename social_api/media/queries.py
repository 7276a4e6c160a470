"""What media ask of the database."""

from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Interval,
    Text,
    Uuid,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from db.audience import VIEWER, can_view
from db.engine import Statement
from db.models import MediaItem, Post, User

_MEDIA = bindparam("media", type_=Uuid())
_ALT_TEXT = bindparam("alt_text", type_=Text())
_GIVEN_UP_AFTER = literal(timedelta(days=1), Interval())


def stored() -> ColumnElement[Any]:
    """What `views.media_view` needs of a `media_items` row, as one column wherever it stands; the position comes first.

    A row and not JSON: it is cheaper to make and to read.
    """
    item = MediaItem
    return func.row(
        item.position,
        item.id,
        item.kind,
        item.transcoding_status,
        item.mime_type,
        item.width,
        item.height,
        item.duration_sec,
        item.failure,
        item.playlist_key,
        item.thumb_key,
        item.audio_key,
        item.alt_text,
    )


# One at a time for each person, so that the count that follows is still true when the row is written.
LOCK_PERSON = Statement(select(User.id).where(User.id == VIEWER).with_for_update(key_share=True))
COUNT_PENDING = Statement(
    select(func.count()).where(
        MediaItem.user_id == VIEWER,
        MediaItem.transcoding_status == "pending",
        MediaItem.created_at > func.now() - _GIVEN_UP_AFTER,
    )
)
INSERT = Statement(
    insert(MediaItem).values(
        id=_MEDIA,
        user_id=VIEWER,
        kind=bindparam("kind", type_=Text()),
        mime_type=bindparam("mime_type", type_=Text()),
        byte_size=bindparam("byte_size", type_=BigInteger()),
        storage_key=bindparam("storage_key", type_=Text()),
        alt_text=_ALT_TEXT,
    )
)
DESCRIBE = Statement(
    update(MediaItem).where(MediaItem.id == _MEDIA, MediaItem.user_id == VIEWER).values(alt_text=_ALT_TEXT)
)
ANNOUNCE = Statement(
    update(MediaItem)
    .where(
        MediaItem.id == _MEDIA,
        MediaItem.user_id == VIEWER,
        MediaItem.transcoding_status == "pending",
        MediaItem.completed_hint_at.is_(None),
    )
    .values(completed_hint_at=func.now())
)
IS_OWN = Statement(select(exists().where(MediaItem.id == _MEDIA, MediaItem.user_id == VIEWER)))
SHOW = Statement(
    select(stored()).where(
        MediaItem.id == _MEDIA,
        or_(MediaItem.user_id == VIEWER, exists().where(Post.id == MediaItem.post_id, can_view())),
    )
)
