"""Following and not following."""

from db import live
from db.engine import Transaction
from social_api.auth import Actor
from social_api.follows import queries
from social_api.problems import Conflict, Text
from social_api.profiles.people import find_for_change


class FollowYourself(Conflict):
    """One's own posts are in one's feed anyway."""

    name = "follow-yourself"
    title = Text("That is you", "यह आप ही हैं")
    detail = Text("You cannot follow yourself.", "आप ख़ुद को फ़ॉलो नहीं कर सकते।")


async def follow(actor: Actor, tx: Transaction, connect_id: str, request_id: str) -> None:
    """Follow a person.

    Doing it again changes nothing.
    """
    person = await find_for_change(tx, actor, connect_id)
    if person == actor.user_id:
        raise FollowYourself
    made = await tx.value(queries.FOLLOW, follower=actor.user_id, followed=person)
    if made is not None:
        await live.emit(tx, "follow.created", [person], {"connect_id": actor.connect_id}, request_id=request_id)


async def unfollow(actor: Actor, tx: Transaction, connect_id: str) -> None:
    """Stop following a person.

    Doing it again changes nothing.
    """
    person = await find_for_change(tx, actor, connect_id)
    await tx.execute(queries.UNFOLLOW, follower=actor.user_id, followed=person)
