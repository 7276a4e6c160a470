"""Passing on what somebody posted."""

from http import HTTPStatus
from uuid import UUID

from db.engine import Transaction
from social_api.auth import Actor
from social_api.posts import write_queries as queries
from social_api.posts.schemas import NewPost
from social_api.problems import Invalid, NotFound, Problem, Text

_WORDS_ONLY = Text("A repost has words of its own at most.", "रीपोस्ट में अधिकतम अपने शब्द हो सकते हैं।")
_AT_ONCE = Text("A repost appears at once.", "रीपोस्ट तुरंत दिखता है।")


class NotToBePassedOn(Problem):
    """What its author shows to some people only is not passed on to others."""

    name = "not-to-be-passed-on"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = Text("This post is not for everyone", "यह पोस्ट सबके लिए नहीं है")
    detail = Text("Only public posts can be passed on.", "केवल सार्वजनिक पोस्ट ही आगे भेजी जा सकती हैं।")


def check_repost(post: NewPost) -> None:
    """Check what else a repost has; raises Invalid."""
    for pointer, given in (("/media", post.media), ("/poll", post.poll)):
        if given:
            raise Invalid((pointer, _WORDS_ONLY))
    if post.type != "post":
        raise Invalid(("/type", _WORDS_ONLY))
    if post.draft:
        raise Invalid(("/draft", _AT_ONCE))
    if post.publish_at is not None:
        raise Invalid(("/publish_at", _AT_ONCE))


async def original_of(tx: Transaction, actor: Actor, post: UUID) -> UUID:
    """The post to pass on when `post` is named: for one that only passes another on, that other.

    Raises NotFound when the actor cannot see it, and NotToBePassedOn.
    """
    row = await tx.row(queries.ORIGINAL, repost_of=post, viewer=actor.user_id)
    if row is None:
        raise NotFound
    if row["passes_on"] is not None:
        return await original_of(tx, actor, row["passes_on"])
    if row["visibility"] != "public":
        raise NotToBePassedOn
    original: UUID = row["id"]
    return original
