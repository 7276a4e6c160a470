"""Putting a comment on a post, and changing what it says."""

import unicodedata
from http import HTTPStatus
from uuid import UUID

from db.engine import Transaction
from db.live import LiveType
from social_api.auth import Actor
from social_api.comments import queries
from social_api.comments.schemas import NewComment
from social_api.comments.telling import tell
from social_api.posts.text import mentions
from social_api.problems import Invalid, NotFound, Problem, Text

_EMPTY = Text("Write something.", "कुछ लिखें।")
_NO_PARENT = Text("There is no such comment on this post.", "इस पोस्ट पर ऐसी कोई टिप्पणी नहीं है।")


class RepliesLimited(Problem):
    """The post is seen, but its author lets only some people comment."""

    name = "replies-limited"
    status = HTTPStatus.FORBIDDEN
    title = Text("Not everyone can comment here", "यहाँ हर कोई टिप्पणी नहीं कर सकता")
    detail = Text(
        "The author has limited who may comment on this post.",
        "लेखक ने तय किया है कि इस पोस्ट पर केवल कुछ लोग टिप्पणी कर सकते हैं।",
    )


async def write(tx: Transaction, actor: Actor, post: UUID, comment: NewComment, request_id: str) -> UUID:
    """Make a comment and tell whom it concerns; its id. Raises Invalid, NotFound or RepliesLimited."""
    text = clean(comment.text)
    found = await tx.row(queries.LOCK_POST, post=post, viewer=actor.user_id)
    if found is None:
        raise NotFound
    if not found["may_reply"]:
        raise RepliesLimited
    thread, writer = await _answered(tx, actor, post, comment.parent_comment_id)
    made: UUID = await tx.value(
        queries.INSERT, post=post, viewer=actor.user_id, parent=comment.parent_comment_id, thread=thread, text=text
    )
    # Each person is told once: what is about them before what is about their post.
    events: dict[UUID, LiveType] = {found["author"]: "comment.created"}
    events |= dict.fromkeys(await _mention(tx, actor, made, text), "comment.mentioned")
    if writer is not None:
        events[writer] = "comment.replied"
    await tell(tx, actor, made, events, request_id)
    return made


async def change(tx: Transaction, actor: Actor, comment: UUID, text: str, request_id: str) -> None:
    """Change one's comment and tell those who are named in it now and were not before; raises Invalid."""
    text = clean(text)
    if await tx.execute(queries.CHANGE, comment=comment, viewer=actor.user_id, text=text):
        named = await _mention(tx, actor, comment, text)
        await tell(tx, actor, comment, dict.fromkeys(named, "comment.mentioned"), request_id)


def clean(text: str) -> str:
    """The text without space around it; raises Invalid when nothing of it can be seen."""
    if all(unicodedata.category(sign)[0] in "CZ" for sign in text):
        raise Invalid(("/text", _EMPTY))
    return text.strip()


async def _answered(tx: Transaction, actor: Actor, post: UUID, parent: UUID | None) -> tuple[UUID | None, UUID | None]:
    """The thread that a comment goes into and the writer of what it answers; none for one that begins a thread."""
    if parent is None:
        return None, None
    row = await tx.row(queries.PARENT, comment=parent, post=post, viewer=actor.user_id)
    if row is None:
        raise Invalid(("/parent_comment_id", _NO_PARENT))
    return row["thread"], row["writer"]


async def _mention(tx: Transaction, actor: Actor, comment: UUID, text: str) -> list[UUID]:
    """Make those named in `text` the ones that the comment mentions; the ids of the new ones among them."""
    names = mentions(text)
    await tx.execute(queries.UNMENTION, comment=comment, names=names, viewer=actor.user_id)
    rows = await tx.rows(queries.MENTION, comment=comment, names=names, viewer=actor.user_id)
    return [row["user_id"] for row in rows]
