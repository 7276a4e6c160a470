"""Keeping posts for oneself; nobody else learns of it."""

from uuid import UUID

from db.engine import Transaction
from social_api.auth import Actor
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page
from social_api.posts.finding import check_out
from social_api.posts.schemas import PostView
from social_api.posts.views import load
from social_api.saves import queries

_NEWEST = UUID(int=2**128 - 1)


async def save(actor: Actor, tx: Transaction, post_id: UUID) -> None:
    """Save a post for oneself.

    Doing it again changes nothing. Nobody else learns of it.
    """
    if not await tx.execute(queries.SAVE, post=post_id, viewer=actor.user_id):
        await check_out(tx, actor, post_id)


async def unsave(actor: Actor, tx: Transaction, post_id: UUID) -> None:
    """Save a post no longer.

    Doing it again changes nothing.
    """
    # One's own note goes even when the post it points to is not there any more.
    if not await tx.execute(queries.UNSAVE, post=post_id, viewer=actor.user_id):
        await check_out(tx, actor, post_id)


async def listing(actor: Actor, tx: Transaction, page: Page, link_signer: LinkSigner) -> Listing[PostView]:
    """List the posts one has saved, last saved first.

    Those that one may not see any more are left out, for as long as that is so.
    """
    after = page.after(tuple[UUID])
    rows = await tx.rows(queries.LIST, viewer=actor.user_id, before=after[0] if after else _NEWEST, limit=page.fetch)
    found = page.listing(rows, lambda row: row, lambda row: (row["id"],))
    posts = await load(tx, actor, [row["post_id"] for row in found.items], link_signer)
    # A post that went away between the two statements is left out; the cursor does not need it.
    return Listing(items=[posts[row["post_id"]] for row in found.items if row["post_id"] in posts], next=found.next)
