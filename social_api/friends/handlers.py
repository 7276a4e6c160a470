"""Asking, answering, taking back."""

from uuid import UUID

from db.engine import Transaction
from social_api.auth import Actor
from social_api.friends import friendship, queries
from social_api.friends.schemas import FriendRequestFilter, FriendRequestView, NewFriendRequest
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page
from social_api.problems import Conflict, Text
from social_api.profiles.people import find_for_change

_NEWEST = UUID(int=2**128 - 1)


class BefriendYourself(Conflict):
    """A friend is somebody else."""

    name = "befriend-yourself"
    title = Text("That is you", "यह आप ही हैं")
    detail = Text("You cannot send yourself a friend request.", "आप ख़ुद को मित्र अनुरोध नहीं भेज सकते।")


async def create(
    actor: Actor, tx: Transaction, body: NewFriendRequest, link_signer: LinkSigner, request_id: str
) -> FriendRequestView:
    """Ask a person to be friends.

    When they have asked already, this accepts. A request that is pending or accepted is answered as it is.
    """
    person = await find_for_change(tx, actor, body.connect_id)
    if person == actor.user_id:
        raise BefriendYourself
    return await friendship.ask(tx, actor, person, request_id, links=link_signer)


async def listing(
    actor: Actor, tx: Transaction, query: FriendRequestFilter, page: Page, link_signer: LinkSigner
) -> Listing[FriendRequestView]:
    """List friend requests, newest first.

    `status=accepted` lists friends.
    """
    after = page.after(tuple[UUID])
    rows = await tx.rows(
        queries.LIST,
        actor=actor.user_id,
        status=query.status,
        direction=query.direction,
        before=after[0] if after else _NEWEST,
        limit=page.fetch,
    )
    return page.listing(rows, lambda row: friendship.view_of(row, link_signer), lambda row: (row["id"],))


async def accept(
    actor: Actor, tx: Transaction, friend_request_id: UUID, link_signer: LinkSigner, request_id: str
) -> FriendRequestView:
    """Accept a friend request.

    Only its receiver may. The two get one encrypted conversation.
    """
    return await friendship.settle(tx, actor, friend_request_id, "accepted", request_id, links=link_signer)


async def reject(
    actor: Actor, tx: Transaction, friend_request_id: UUID, link_signer: LinkSigner, request_id: str
) -> FriendRequestView:
    """Reject a friend request.

    Only its receiver may. The requester can ask again after 30 days, the receiver at any time.
    """
    return await friendship.settle(tx, actor, friend_request_id, "rejected", request_id, links=link_signer)


async def withdraw(
    actor: Actor, tx: Transaction, friend_request_id: UUID, link_signer: LinkSigner, request_id: str
) -> None:
    """Take back a friend request that is still pending.

    Only its requester may.
    """
    await friendship.settle(tx, actor, friend_request_id, "withdrawn", request_id, links=link_signer)


async def unfriend(actor: Actor, tx: Transaction, connect_id: str) -> None:
    """End a friendship.

    Each leaves the other's lists of friends; their conversation stays, and either may ask anew. The other is not told.
    Doing it again changes nothing.
    """
    person = await find_for_change(tx, actor, connect_id)
    await friendship.end(tx, actor, person)
