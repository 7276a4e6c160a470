"""From `comments` rows to what a viewer gets."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from asyncpg import Record

from db.engine import Transaction
from social_api.auth import Actor
from social_api.comments import queries
from social_api.comments.schemas import CommentCounts, CommentView, CommentViewer
from social_api.media.links import LinkSigner
from social_api.posts.schemas import Mention
from social_api.problems import NotFound
from social_api.profiles.views import person


async def load(tx: Transaction, actor: Actor, comments: Sequence[UUID], links: LinkSigner) -> dict[UUID, CommentView]:
    """Those of `comments` that the actor may see, by id, in one statement whatever their number."""
    rows = await tx.rows(queries.SHOW, comments=comments, viewer=actor.user_id)
    return {row["id"]: _view(row, links) for row in rows}


async def load_one(tx: Transaction, actor: Actor, comment: UUID, links: LinkSigner) -> CommentView:
    """One comment; raises NotFound when the actor may not see it."""
    found = await load(tx, actor, [comment], links)
    if comment not in found:
        raise NotFound
    return found[comment]


def _view(row: Record, links: LinkSigner) -> CommentView:
    is_head, hidden = row["thread_id"] is None, row["hidden"]
    return CommentView(
        id=row["id"],
        post_id=row["post_id"],
        parent_comment_id=row["parent_comment_id"],
        thread_id=row["thread_id"],
        author=person(row["author"], links),
        text=row["text"],
        mentions=msgspec.convert(row["mentions"], list[Mention]),
        created_at=row["created_at"],
        edited_at=row["edited_at"],
        counts=CommentCounts(likes=row["like_count"], replies=row["reply_count"]),
        pinned=row["pinned"],
        hidden=hidden,
        viewer=CommentViewer(
            author=row["is_writer"],
            liked=row["liked"],
            may_delete=row["is_writer"] or row["is_author"],
            may_hide=row["is_author"],
            may_pin=row["is_author"] and is_head and not hidden,
        ),
    )
