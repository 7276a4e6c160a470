"""Making posts, showing them, taking them away."""

from uuid import UUID

import msgspec

from db.engine import Transaction
from social_api.auth import Actor
from social_api.media.links import LinkSigner
from social_api.posts import queries
from social_api.posts.composition import check_body, check_media
from social_api.posts.schemas import NewPost, PostView
from social_api.posts.views import load
from social_api.problems import Forbidden, NotFound


async def create(actor: Actor, tx: Transaction, body: NewPost, link_signer: LinkSigner) -> PostView:
    """Make a post.

    With media that are still being prepared it appears, to everyone at once, when all of them are ready; until then
    only its author sees it.
    """
    body = msgspec.structs.replace(body, caption=(body.caption or "").strip() or None)
    check_body(body)
    media = await tx.rows(queries.LOCK_MEDIA, media=body.media, viewer=actor.user_id) if body.media else []
    check_media(body, media)
    post_id: UUID = await tx.value(
        queries.INSERT,
        viewer=actor.user_id,
        type=body.type,
        caption=body.caption,
        visibility=body.visibility or "public",
        meta={"language": body.language or actor.language},
        publish=all(item["transcoding_status"] == "done" for item in media),
    )
    if media:
        await tx.execute(queries.ATTACH, post=post_id, media=body.media)
    return await show(actor, tx, post_id, link_signer)


async def show(actor: Actor, tx: Transaction, post_id: UUID, link_signer: LinkSigner) -> PostView:
    """Show a post.

    Links to its media are good for some minutes.
    """
    posts = await load(tx, actor, [post_id], link_signer)
    if post_id not in posts:
        raise NotFound
    return posts[post_id]


async def delete(actor: Actor, tx: Transaction, post_id: UUID) -> None:
    """Delete one's own post, for everyone and for good."""
    if not await tx.execute(queries.DELETE, post=post_id, viewer=actor.user_id):
        if await tx.value(queries.IS_VISIBLE, post=post_id, viewer=actor.user_id):
            raise Forbidden
        raise NotFound
