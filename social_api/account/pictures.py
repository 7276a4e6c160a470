"""One's avatar and cover: images that one uploaded, and that are in no post as long as they are this."""

from http import HTTPStatus
from uuid import UUID

from db.engine import Transaction
from social_api.account import queries
from social_api.account.handlers import show
from social_api.account.schemas import Me, Picture
from social_api.auth import Actor
from social_api.media.links import LinkSigner
from social_api.problems import NotFound, Problem, Text
from social_api.settings import Settings


class PictureNotUsable(Problem):
    """A file that is not one's own, not there, no image, not ready, or part of a post: which of these is not said."""

    name = "picture-not-usable"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = Text("This file cannot be used", "इस फ़ाइल का इस्तेमाल नहीं हो सकता")
    detail = Text(
        "Use an image of your own that is ready and in no post.",
        "अपनी ही कोई तस्वीर इस्तेमाल करें जो तैयार हो और किसी पोस्ट में न हो।",
    )


async def set_avatar(actor: Actor, tx: Transaction, body: Picture, settings: Settings, link_signer: LinkSigner) -> Me:
    """Choose the picture that stands beside one's name."""
    before = await _pictures(tx, actor)
    _, thumb = await _take(tx, actor, body.media_id)
    await tx.execute(queries.SET_AVATAR, me=actor.user_id, media=body.media_id, object_key=thumb)
    await tx.execute(queries.RELEASE, me=actor.user_id, media=before[0])
    return await show(actor, tx, settings, link_signer)


async def remove_avatar(actor: Actor, tx: Transaction) -> None:
    """Have no picture beside one's name.

    The file can be used for something else then.
    """
    before = await _pictures(tx, actor)
    await tx.execute(queries.SET_AVATAR, me=actor.user_id, media=None, object_key=None)
    await tx.execute(queries.RELEASE, me=actor.user_id, media=before[0])


async def set_cover(actor: Actor, tx: Transaction, body: Picture, settings: Settings, link_signer: LinkSigner) -> Me:
    """Choose the picture across the top of one's page."""
    before = await _pictures(tx, actor)
    photo, _ = await _take(tx, actor, body.media_id)
    await tx.execute(queries.SET_COVER, me=actor.user_id, media=body.media_id, object_key=photo)
    await tx.execute(queries.RELEASE, me=actor.user_id, media=before[1])
    return await show(actor, tx, settings, link_signer)


async def remove_cover(actor: Actor, tx: Transaction) -> None:
    """Have no picture across the top of one's page.

    The file can be used for something else then.
    """
    before = await _pictures(tx, actor)
    await tx.execute(queries.SET_COVER, me=actor.user_id, media=None, object_key=None)
    await tx.execute(queries.RELEASE, me=actor.user_id, media=before[1])


async def _pictures(tx: Transaction, actor: Actor) -> tuple[UUID | None, UUID | None]:
    """The files that are avatar and cover now, which nobody else changes until `tx` ends."""
    row = await tx.row(queries.LOCK_PICTURES, me=actor.user_id)
    if row is None:
        raise NotFound
    return row["avatar_id"], row["cover_id"]


async def _take(tx: Transaction, actor: Actor, media: UUID) -> tuple[str, str]:
    """Keep a file out of posts; the keys of its photo and thumbnail. Raises PictureNotUsable."""
    row = await tx.row(queries.TAKE, me=actor.user_id, media=media)
    if row is None:
        raise PictureNotUsable
    return row["photo"], row["thumb"]
