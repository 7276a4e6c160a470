"""Voting."""

from uuid import UUID

from db.engine import Transaction
from social_api.auth import Actor
from social_api.media.links import LinkSigner
from social_api.polls import queries
from social_api.polls.schemas import Vote
from social_api.posts.schemas import PollView
from social_api.posts.views import load
from social_api.problems import Conflict, Invalid, NotFound, Text

_TWICE = Text("Each option can be chosen once.", "हर विकल्प एक ही बार चुना जा सकता है।")
_ONE_ONLY = Text("Choose one option.", "एक ही विकल्प चुनें।")
_NO_OPTION = Text("There is no such option.", "ऐसा कोई विकल्प नहीं है।")


class AlreadyVoted(Conflict):
    """A vote is for good."""

    name = "already-voted"
    title = Text("You have voted already", "आप पहले ही वोट दे चुके हैं")
    detail = Text(
        "Each person votes once, and a vote cannot be changed.", "हर व्यक्ति एक बार वोट देता है और वोट बदला नहीं जा सकता।"
    )


class PollClosed(Conflict):
    """The time to vote is over."""

    name = "poll-closed"
    title = Text("This poll is closed", "यह मतदान बंद है")
    detail = Text("It takes no votes now.", "इसमें अभी वोट नहीं दिए जा सकते।")


async def vote(actor: Actor, tx: Transaction, post_id: UUID, body: Vote, link_signer: LinkSigner) -> PollView:
    """Vote in a poll.

    Once, for good, and nobody learns for what. The answer is the poll with its votes.
    """
    chosen = set(body.options)
    if len(chosen) < len(body.options):
        raise Invalid(("/options", _TWICE))
    poll = await tx.row(queries.LOCK, post=post_id, viewer=actor.user_id)
    if poll is None:
        raise NotFound
    if await tx.value(queries.HAS_VOTED, post=post_id, viewer=actor.user_id):
        raise AlreadyVoted
    if not poll["open"]:
        raise PollClosed
    if len(chosen) > 1 and not poll["multiple"]:
        raise Invalid(("/options", _ONE_ONLY))
    if await tx.execute(queries.VOTE, post=post_id, viewer=actor.user_id, options=list(chosen)) < len(chosen):
        raise Invalid(("/options", _NO_OPTION))
    posts = await load(tx, actor, [post_id], link_signer)
    if post_id not in posts or (seen := posts[post_id].poll) is None:
        raise NotFound  # it was deleted in this moment
    return seen
