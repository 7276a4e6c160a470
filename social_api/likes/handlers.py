"""Liking, and who did."""

from uuid import UUID

from db import live
from db.engine import Transaction
from social_api.auth import Actor
from social_api.comments.telling import tell
from social_api.likes import queries
from social_api.likes.queries import Likes
from social_api.likes.schemas import LikeState
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page
from social_api.problems import NotFound
from social_api.profiles.schemas import PersonSummary
from social_api.profiles.views import person

_NEWEST = UUID(int=2**128 - 1)


async def like_post(actor: Actor, tx: Transaction, post_id: UUID, request_id: str) -> LikeState:
    """Like a post.

    Doing it again changes nothing. Its author is told.
    """
    liked = await tx.row(queries.POST.add, target=post_id, viewer=actor.user_id)
    if liked is None:
        return await _state(actor, tx, queries.POST, post_id)
    hearers = await live.hearers(tx, actor.user_id, [liked["author"]])
    payload = {"post_id": post_id, "connect_id": actor.connect_id}
    await live.emit(tx, "post.liked", hearers, payload, request_id=request_id)
    return LikeState(liked=True, likes=liked["likes"])


async def unlike_post(actor: Actor, tx: Transaction, post_id: UUID) -> LikeState:
    """Take a like back from a post.

    Doing it again changes nothing.
    """
    return await _unlike(actor, tx, queries.POST, post_id)


async def post_likers(
    actor: Actor, tx: Transaction, post_id: UUID, page: Page, link_signer: LinkSigner
) -> Listing[PersonSummary]:
    """List who likes a post, newest first.

    People who are not there for one are left out, though the post counts them.
    """
    return await _likers(actor, tx, queries.POST, post_id, page, links=link_signer)


async def like_comment(actor: Actor, tx: Transaction, comment_id: UUID, request_id: str) -> LikeState:
    """Like a comment.

    Doing it again changes nothing. Its writer is told.
    """
    liked = await tx.row(queries.COMMENT.add, target=comment_id, viewer=actor.user_id)
    if liked is None:
        return await _state(actor, tx, queries.COMMENT, comment_id)
    await tell(tx, actor, comment_id, {liked["author"]: "comment.liked"}, request_id)
    return LikeState(liked=True, likes=liked["likes"])


async def unlike_comment(actor: Actor, tx: Transaction, comment_id: UUID) -> LikeState:
    """Take a like back from a comment.

    Doing it again changes nothing.
    """
    return await _unlike(actor, tx, queries.COMMENT, comment_id)


async def comment_likers(
    actor: Actor, tx: Transaction, comment_id: UUID, page: Page, link_signer: LinkSigner
) -> Listing[PersonSummary]:
    """List who likes a comment, newest first.

    People who are not there for one are left out, though the comment counts them.
    """
    return await _likers(actor, tx, queries.COMMENT, comment_id, page, links=link_signer)


async def _unlike(actor: Actor, tx: Transaction, likes: Likes, target: UUID) -> LikeState:
    left: int | None = await tx.value(likes.remove, target=target, viewer=actor.user_id)
    return await _state(actor, tx, likes, target) if left is None else LikeState(liked=False, likes=left)


async def _state(actor: Actor, tx: Transaction, likes: Likes, target: UUID) -> LikeState:
    """How it is now; raises NotFound for what the actor may not see, and for what is not out."""
    row = await tx.row(likes.state, target=target, viewer=actor.user_id)
    if row is None:
        raise NotFound
    return LikeState(liked=row["liked"], likes=row["likes"])


async def _likers(
    actor: Actor, tx: Transaction, likes: Likes, target: UUID, page: Page, *, links: LinkSigner
) -> Listing[PersonSummary]:
    after = page.after(tuple[UUID])
    if not await tx.value(likes.is_visible, target=target, viewer=actor.user_id):
        raise NotFound
    rows = await tx.rows(
        likes.listing,
        target=target,
        viewer=actor.user_id,
        before=after[0] if after else _NEWEST,
        limit=page.fetch,
    )
    return page.listing(rows, lambda row: person(row["person"], links), lambda row: (row["id"],))
