"""From a `media_items` row to what a viewer gets."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from social_api.media.links import LinkSigner, moment
from social_api.media.schemas import Kind, MediaLinks, MediaView


def media_view(stored: Sequence[Any], links: LinkSigner) -> MediaView:
    """The view of what `queries.stored()` gives, with links when it is done.

    Only for a viewer who was found to be allowed to see it.
    """
    _, media_id, kind, state, mime_type, width, height, duration, failure, playlist, thumb, audio, alt_text = stored
    return MediaView(
        id=media_id,
        kind=kind,
        state=state,
        mime_type=mime_type,
        width=width,
        height=height,
        duration_sec=duration,
        failure=failure if state == "failed" else None,
        alt_text=alt_text,
        links=_links(media_id, kind, playlist, thumb, audio, links) if state == "done" else None,
    )


def _links(  # noqa: PLR0917 (the columns of a row)
    media_id: UUID, kind: Kind, playlist: str | None, thumb: str | None, audio: str | None, links: LinkSigner
) -> MediaLinks:
    """What the worker made: `playlist_key` is an image's picture, and anything else's playlist."""
    expiry = links.expiry()

    def link(key: str | None) -> str | None:
        return None if key is None else links.link(media_id, key, expiry)

    main = link(playlist)
    return MediaLinks(
        playlist=None if kind == "image" else main,
        image=main if kind == "image" else None,
        poster=link(thumb),
        audio=link(audio),
        expires_at=moment(expiry),
    )
