"""Blocking and unblocking."""

from uuid import UUID

from db import pairs
from db.engine import Transaction
from social_api.auth import Actor
from social_api.blocks import queries
from social_api.blocks.schemas import BlockView
from social_api.friends.queries import LEAVE_LISTS
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page
from social_api.problems import Conflict, NotFound, Text
from social_api.profiles import views

_NEWEST = UUID(int=2**128 - 1)
# Requests to follow first: an account that is opened meanwhile has made them follows, or finds them gone.
_ENDED_BY_A_BLOCK = (queries.END_FOLLOW_REQUESTS, queries.END_FOLLOWS, queries.END_FRIENDSHIP, LEAVE_LISTS)


class BlockYourself(Conflict):
    """There would be nobody left."""

    name = "block-yourself"
    title = Text("That is you", "यह आप ही हैं")
    detail = Text("You cannot block yourself.", "आप ख़ुद को ब्लॉक नहीं कर सकते।")


async def listing(actor: Actor, tx: Transaction, page: Page, link_signer: LinkSigner) -> Listing[BlockView]:
    """List whom you have blocked, newest first.

    Only here are they still there for you.
    """
    after = page.after(tuple[UUID])
    rows = await tx.rows(queries.LIST, actor=actor.user_id, before=after[0] if after else _NEWEST, limit=page.fetch)
    return page.listing(
        rows,
        lambda row: BlockView(views.person(row["person"], link_signer), row["created_at"]),
        lambda row: (row["id"],),
    )


async def block(actor: Actor, tx: Transaction, connect_id: str) -> None:
    """Block a person.

    From now on neither of you exists for the other. Following, friendship and what was asked for end, either way, and
    each leaves the other's lists of friends. The other is not told. Doing it again changes nothing.
    """
    person = await _hold(tx, actor, connect_id)
    if person == actor.user_id:
        raise BlockYourself
    if await tx.execute(queries.BLOCK, actor=actor.user_id, person=person):
        for ended in _ENDED_BY_A_BLOCK:
            await tx.execute(ended, actor=actor.user_id, person=person)


async def unblock(actor: Actor, tx: Transaction, connect_id: str) -> None:
    """Block a person no longer.

    What the block ended stays ended. Doing it again changes nothing.
    """
    person = await _hold(tx, actor, connect_id)
    await tx.execute(queries.UNBLOCK, actor=actor.user_id, person=person)


async def _hold(tx: Transaction, actor: Actor, connect_id: str) -> UUID:
    """`people.find_for_change`, but those whom the actor has blocked are there. Both may block at once."""
    person: UUID | None = await tx.value(queries.FIND, connect_id=connect_id, actor=actor.user_id)
    if person is None:
        raise NotFound
    await pairs.lock(tx, actor.user_id, person)
    return person
