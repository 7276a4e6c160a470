"""Commenting, and keeping order among the comments on one's posts."""

from uuid import UUID

from db import audit
from db.engine import Transaction
from social_api.auth import Actor
from social_api.client import Client
from social_api.comments import listing as lists
from social_api.comments import queries, writing
from social_api.comments.schemas import CommentChange, CommentOrder, CommentView, NewComment, ThreadView
from social_api.comments.views import load, load_one
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page
from social_api.problems import Conflict, Forbidden, NotFound, Text


class PinsUsedUp(Conflict):
    """A post has few places at the top."""

    name = "pins-used-up"
    title = Text("Three comments are pinned already", "तीन टिप्पणियाँ पहले से पिन हैं")
    detail = Text("Unpin one of them first.", "पहले उनमें से एक को अनपिन करें।")


class CannotBePinned(Conflict):
    """Only what everyone sees, and what begins a thread, can stand above everything."""

    name = "cannot-be-pinned"
    title = Text("This comment cannot be pinned", "यह टिप्पणी पिन नहीं की जा सकती")
    detail = Text("Answers and hidden comments cannot be pinned.", "जवाब और छिपाई गई टिप्पणियाँ पिन नहीं की जा सकतीं।")


async def create(
    actor: Actor, tx: Transaction, post_id: UUID, body: NewComment, *, link_signer: LinkSigner, request_id: str
) -> CommentView:
    """Comment on a post, or answer a comment on it.

    Answers to answers stand in the thread of the first comment. Told are, once each: the writer of the answered
    comment, whoever is named, and the author of the post.
    """
    made = await writing.write(tx, actor, post_id, body, request_id)
    return await load_one(tx, actor, made, link_signer)


async def show(actor: Actor, tx: Transaction, comment_id: UUID, link_signer: LinkSigner) -> CommentView:
    """Show a comment."""
    return await load_one(tx, actor, comment_id, link_signer)


async def change(
    actor: Actor, tx: Transaction, comment_id: UUID, body: CommentChange, *, link_signer: LinkSigner, request_id: str
) -> CommentView:
    """Change the words of one's own comment.

    The same words change nothing.
    """
    found = await load_one(tx, actor, comment_id, link_signer)
    if not found.viewer.author:
        raise Forbidden
    await writing.change(tx, actor, comment_id, body.text, request_id)
    return await load_one(tx, actor, comment_id, link_signer)


async def delete(actor: Actor, tx: Transaction, comment_id: UUID, client: Client) -> None:
    """Delete one's own comment, or one on one's own post, for everyone and for good.

    The first comment of a thread takes the thread with it.
    """
    found = await tx.row(queries.LOCK_POST_OF, comment=comment_id, viewer=actor.user_id)
    if found is None:
        raise NotFound
    if not (found["is_writer"] or found["is_author"]):
        raise Forbidden
    if not await tx.value(queries.DELETE, comment=comment_id):
        raise NotFound  # somebody else did in this moment
    if not found["is_writer"]:
        await audit.record(
            tx,
            "comment.removed",
            actor.user_id,
            {"comment_id": comment_id, "post_id": found["post"], "writer_id": found["writer"]},
            ip=client.address,
            user_agent=client.user_agent,
        )


async def listing(
    actor: Actor, tx: Transaction, post_id: UUID, query: CommentOrder, page: Page, *, link_signer: LinkSigner
) -> Listing[ThreadView]:
    """List the comments on a post, each with its newest replies.

    Those that its author has pinned come first. With `sort=top` a comment whose likes change while one turns the pages
    may come again or be passed over; but for that, each comes exactly once.
    """
    return await lists.threads(tx, actor, post_id, query.sort, page, links=link_signer)


async def replies(
    actor: Actor, tx: Transaction, comment_id: UUID, page: Page, link_signer: LinkSigner
) -> Listing[CommentView]:
    """List the replies to a comment, oldest first.

    For the first comment of a thread that is all of the thread, for another one what answers it directly.
    """
    after = page.after(tuple[UUID])
    if not await tx.value(queries.IS_VISIBLE, comment=comment_id, viewer=actor.user_id):
        raise NotFound
    rows = await tx.rows(
        lists.REPLIES,
        comment=comment_id,
        viewer=actor.user_id,
        after=after[0] if after else lists.FIRST,
        limit=page.fetch,
    )
    found = page.listing(rows, lambda row: row["id"], lambda row: (row["id"],))
    comments = await load(tx, actor, found.items, link_signer)
    # One that went away between the two statements is left out; the cursor does not need it.
    return Listing(items=[comments[each] for each in found.items if each in comments], next=found.next)


async def pin(actor: Actor, tx: Transaction, comment_id: UUID) -> None:
    """Pin a comment on one's own post, so that it comes before the others.

    At most three, each the first of its thread. Doing it again changes nothing.
    """
    await _check_author(tx, actor, comment_id)
    if await tx.execute(queries.PIN, comment=comment_id):
        return
    found = await tx.row(queries.PINNING, comment=comment_id)
    if found is None:
        raise NotFound
    if not found["pinned"]:
        raise PinsUsedUp if found["may_be"] else CannotBePinned


async def unpin(actor: Actor, tx: Transaction, comment_id: UUID) -> None:
    """Pin a comment no longer.

    Doing it again changes nothing.
    """
    await _check_author(tx, actor, comment_id)
    await tx.execute(queries.UNPIN, comment=comment_id)


async def hide(actor: Actor, tx: Transaction, comment_id: UUID) -> None:
    """Hide a comment on one's own post from all but its writer.

    A hidden comment is pinned no longer, and what answers it is hidden with it. Doing it again changes nothing.
    """
    await _check_author(tx, actor, comment_id)
    await tx.execute(queries.HIDE, comment=comment_id)


async def unhide(actor: Actor, tx: Transaction, comment_id: UUID) -> None:
    """Show a hidden comment to everyone again.

    Doing it again changes nothing.
    """
    await _check_author(tx, actor, comment_id)
    await tx.execute(queries.UNHIDE, comment=comment_id)


async def _check_author(tx: Transaction, actor: Actor, comment: UUID) -> None:
    """Hold the post, if it is the actor's own; raises NotFound or Forbidden."""
    found = await tx.row(queries.LOCK_POST_OF, comment=comment, viewer=actor.user_id)
    if found is None:
        raise NotFound
    if not found["is_author"]:
        raise Forbidden
