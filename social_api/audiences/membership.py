"""Who is on a list: friends, as long as they are friends. Nobody is told, neither coming nor going."""

from uuid import UUID

from db.engine import Transaction
from social_api.audiences import queries
from social_api.auth import Actor
from social_api.problems import Conflict, Text

MOST_MEMBERS = 500


class NotAFriend(Conflict):
    """Lists are of friends."""

    name = "not-a-friend"
    title = Text("Not your friend", "आपके मित्र नहीं हैं")
    detail = Text("Only friends can be on your lists.", "आपकी सूचियों में केवल आपके मित्र हो सकते हैं।")


class ListFull(Conflict):
    """The list has as many people as a list can have."""

    name = "list-full"
    title = Text("This list is full", "यह सूची भर चुकी है")
    detail = Text("A list has at most {limit} people.", "एक सूची में अधिकतम {limit} लोग हो सकते हैं।")


async def add(tx: Transaction, actor: Actor, audience_list: UUID, person: UUID) -> None:
    """Put `person` on a list of the actor's; raises NotAFriend and ListFull. Doing it again changes nothing.

    Both the pair and the list are locked by now: what the standing says stays true until `tx` ends.
    """
    standing = await tx.row(queries.STANDING, audience_list=audience_list, member=person, viewer=actor.user_id)
    if standing is None:
        raise AssertionError("a question without FROM has one answer")
    if standing["is_member"]:
        return
    if not standing["is_friend"]:
        raise NotAFriend
    if standing["members"] >= MOST_MEMBERS:
        raise ListFull(limit=MOST_MEMBERS)
    await tx.execute(queries.ADD, audience_list=audience_list, member=person)
