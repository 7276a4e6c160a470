"""Following and not following, and letting followers in."""

from uuid import UUID

from db import live
from db.engine import Transaction
from social_api.auth import Actor
from social_api.follows import queries
from social_api.follows.schemas import FollowRequestView, FollowState
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page
from social_api.problems import Conflict, NotFound, Text
from social_api.profiles import views
from social_api.profiles.people import find_for_change, hold

_NEWEST = UUID(int=2**128 - 1)


class FollowYourself(Conflict):
    """One's own posts are in one's feed anyway."""

    name = "follow-yourself"
    title = Text("That is you", "यह आप ही हैं")
    detail = Text("You cannot follow yourself.", "आप ख़ुद को फ़ॉलो नहीं कर सकते।")


async def follow(actor: Actor, tx: Transaction, connect_id: str, request_id: str) -> FollowState:
    """Follow a person, or ask to, where the account is private.

    A private account is asked even by a friend. Doing it again changes nothing.
    """
    person = await find_for_change(tx, actor, connect_id)
    if person == actor.user_id:
        raise FollowYourself
    people = {"follower": actor.user_id, "followed": person}
    if await tx.value(queries.FOLLOWS, **people):
        return FollowState("following")
    if await tx.value(queries.IS_PRIVATE, followed=person):
        await _request(tx, actor, person, request_id)
        return FollowState("requested")
    await tx.execute(queries.WITHDRAW, **people)  # asked for while the account was private
    if await tx.execute(queries.FOLLOW, **people):
        hearers = await live.hearers(tx, actor.user_id, [person])
        await live.emit(tx, "follow.created", hearers, {"connect_id": actor.connect_id}, request_id=request_id)
    return FollowState("following")


async def _request(tx: Transaction, actor: Actor, person: UUID, request_id: str) -> None:
    asked = await tx.value(queries.REQUEST, follower=actor.user_id, followed=person)
    if asked is None:
        return
    hearers = await live.hearers(tx, actor.user_id, [person])
    payload = {"follow_request_id": asked, "connect_id": actor.connect_id}
    await live.emit(tx, "follow.requested", hearers, payload, request_id=request_id)


async def unfollow(actor: Actor, tx: Transaction, connect_id: str) -> None:
    """Stop following a person, or asking to.

    Doing it again changes nothing.
    """
    person = await find_for_change(tx, actor, connect_id)
    await tx.execute(queries.WITHDRAW, follower=actor.user_id, followed=person)
    await tx.execute(queries.UNFOLLOW, follower=actor.user_id, followed=person)


async def remove_follower(actor: Actor, tx: Transaction, connect_id: str) -> None:
    """Let a person follow you no longer.

    They are not told. Doing it again changes nothing.
    """
    person = await find_for_change(tx, actor, connect_id)
    await tx.execute(queries.UNFOLLOW, follower=person, followed=actor.user_id)


async def listing(actor: Actor, tx: Transaction, page: Page, link_signer: LinkSigner) -> Listing[FollowRequestView]:
    """List who would like to follow you, newest first.

    Only a private account is asked.
    """
    after = page.after(tuple[UUID])
    rows = await tx.rows(queries.LIST, followed=actor.user_id, before=after[0] if after else _NEWEST, limit=page.fetch)
    return page.listing(
        rows,
        lambda row: FollowRequestView(row["id"], views.person(row["person"], link_signer), row["created_at"]),
        lambda row: (row["id"],),
    )


async def approve(actor: Actor, tx: Transaction, follow_request_id: UUID, request_id: str) -> None:
    """Let somebody follow you who asked to.

    The request is gone with it.
    """
    follower = await _take(tx, actor, follow_request_id)
    await tx.execute(queries.FOLLOW, follower=follower, followed=actor.user_id)
    hearers = await live.hearers(tx, actor.user_id, [follower])
    await live.emit(tx, "follow.approved", hearers, {"connect_id": actor.connect_id}, request_id=request_id)


async def reject(actor: Actor, tx: Transaction, follow_request_id: UUID) -> None:
    """Do not let somebody follow you who asked to.

    They are not told, and may ask again.
    """
    await _take(tx, actor, follow_request_id)


async def _take(tx: Transaction, actor: Actor, follow_request: UUID) -> UUID:
    """Remove a request to follow the actor; who made it. Raises NotFound, also when it went while this waited."""
    follower: UUID | None = await tx.value(queries.WHO_REQUESTED, follow_request=follow_request, followed=actor.user_id)
    if follower is None:
        raise NotFound
    await hold(tx, actor, follower)
    if not await tx.execute(queries.TAKE, follow_request=follow_request, followed=actor.user_id):
        raise NotFound
    return follower
