"""From a `media_items` row to what a viewer gets."""

from typing import Any
from uuid import UUID

import msgspec

from social_api.media.links import LinkSigner, moment
from social_api.media.schemas import Kind, MediaLinks, MediaView, State


class StoredMedia(msgspec.Struct, frozen=True):
    """What `queries.stored()` gives."""

    id: UUID
    kind: Kind
    state: State
    mime_type: str | None
    width: int | None
    height: int | None
    duration_sec: int | None
    failure: str | None
    playlist_key: str | None
    thumb_key: str | None
    audio_key: str | None


def media_view(document: Any, links: LinkSigner) -> MediaView:
    """The view of one row, with links when it is done. Only for a viewer who was found to be allowed to see it."""
    item = msgspec.convert(document, StoredMedia)
    return MediaView(
        id=item.id,
        kind=item.kind,
        state=item.state,
        mime_type=item.mime_type,
        width=item.width,
        height=item.height,
        duration_sec=item.duration_sec,
        failure=item.failure if item.state == "failed" else None,
        links=_links(item, links) if item.state == "done" else None,
    )


def _links(item: StoredMedia, links: LinkSigner) -> MediaLinks:
    """What the worker made: `playlist_key` is an image's picture, and anything else's playlist."""
    expiry = links.expiry()

    def link(key: str | None) -> str | None:
        return None if key is None else links.link(item.id, key, expiry)

    main = link(item.playlist_key)
    return MediaLinks(
        playlist=None if item.kind == "image" else main,
        image=main if item.kind == "image" else None,
        poster=link(item.thumb_key),
        audio=link(item.audio_key),
        expires_at=moment(expiry),
    )
