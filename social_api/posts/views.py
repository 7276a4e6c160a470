"""From `posts` rows to what a viewer gets."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec
from asyncpg import Record

from db.engine import Transaction
from social_api.auth import Actor
from social_api.media.links import LinkSigner
from social_api.media.schemas import MediaView
from social_api.media.views import media_view
from social_api.posts import queries
from social_api.posts.schemas import PostCounts, PostView, ViewerState
from social_api.profiles.schemas import PersonSummary


async def load(tx: Transaction, actor: Actor, posts: Sequence[UUID], links: LinkSigner) -> dict[UUID, PostView]:
    """Those of `posts` that the actor may see, by id, in one statement whatever their number."""
    rows = await tx.rows(queries.SHOW, posts=posts, viewer=actor.user_id)
    return {row["id"]: _view(row, links) for row in rows}


def _view(row: Record, links: LinkSigner) -> PostView:
    media = [media_view(document, links) for document in row["media"]]
    return PostView(
        id=row["id"],
        type=row["type"],
        caption=row["caption"],
        language=row["language"],
        visibility=row["visibility"],
        state="published" if row["published_at"] is not None else _waits_for(media),
        created_at=row["created_at"],
        published_at=row["published_at"],
        author=msgspec.convert(row["author"], PersonSummary),
        media=media,
        counts=PostCounts(likes=row["like_count"], comments=row["comment_count"], views=row["view_count"]),
        viewer=ViewerState(author=row["is_author"], liked=row["liked"]),
    )


def _waits_for(media: list[MediaView]) -> Literal["processing", "failed"]:
    return "failed" if any(item.state == "failed" for item in media) else "processing"
