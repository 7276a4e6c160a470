"""From `posts` rows to what a viewer gets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from asyncpg import Record

from db.engine import Transaction
from social_api.auth import Actor
from social_api.media.links import LinkSigner
from social_api.media.views import media_view
from social_api.pages import Listing, Page
from social_api.posts import queries
from social_api.posts.schemas import (
    Location,
    Mention,
    OriginalView,
    PollOption,
    PollView,
    PostCounts,
    PostState,
    PostView,
    Repost,
    ViewerState,
)
from social_api.posts.text import hashtags
from social_api.profiles.schemas import PersonSummary
from social_api.profiles.views import picture


async def load(tx: Transaction, actor: Actor, posts: Sequence[UUID], links: LinkSigner) -> dict[UUID, PostView]:
    """Those of `posts` that the actor may see, by id, in one statement whatever their number."""
    rows = {row["id"]: row for row in await tx.rows(queries.SHOW, posts=posts, viewer=actor.user_id)}
    return {post: _post(rows[post], rows, actor.user_id, links) for post in posts if post in rows}


async def listing(
    tx: Transaction, actor: Actor, page: Page, rows: Sequence[Record], links: LinkSigner, *keys: str
) -> Listing[PostView]:
    """The page of posts whose ids `rows` has, sorted by the columns `keys`.

    A post that went away since they were read is left out; the cursor does not need it.
    """
    found = page.listing(rows, lambda row: row, lambda row: tuple(row[key] for key in keys))
    posts = await load(tx, actor, [row["id"] for row in found.items], links)
    return Listing(items=list(posts.values()), next=found.next)


def _post(row: Record, rows: dict[UUID, Record], viewer: UUID, links: LinkSigner) -> PostView:
    repost = None
    if row["repost_of"] is not None:
        original = rows.get(row["repost_of"])
        repost = Repost(None if original is None else OriginalView(**_fields(original, viewer, links)))
    return PostView(repost=repost, **_fields(row, viewer, links))


def _fields(row: Record, viewer: UUID, links: LinkSigner) -> dict[str, Any]:
    is_author = row["user_id"] == viewer
    poll = None if row["poll"] is None else _poll(row["poll"], is_author)
    media = sorted(row["media"])
    return {
        "id": row["id"],
        "type": row["type"],
        "state": _state(row, media),
        "caption": row["caption"],
        "language": row["language"],
        "hashtags": hashtags(row["caption"]),
        "mentions": [Mention(id=who, connect_id=name) for who, name in row["mentions"] or ()],
        "visibility": row["visibility"],
        "audience_list_id": row["audience_list_id"] if is_author else None,
        "replies": row["replies"],
        "location": None if row["location"] is None else msgspec.convert(row["location"], Location),
        "draft": row["draft"],
        "publish_at": row["publish_at"] if is_author else None,
        "created_at": row["created_at"],
        "published_at": row["published_at"],
        "edited_at": row["edited_at"],
        "revision": row["revision"],
        "author": PersonSummary(
            id=row["user_id"],
            connect_id=row["connect_id"],
            display_name=row["display_name"],
            profile_pic_url=picture(row["profile_pic_url"], links),
            verified=row["verified_status"] == "verified",
        ),
        "media": [media_view(item, links) for item in media],
        "poll": poll,
        "counts": PostCounts(
            likes=row["like_count"],
            comments=row["comment_count"],
            views=row["view_count"],
            reposts=row["repost_count"],
        ),
        "viewer": ViewerState(
            author=is_author,
            liked=row["liked"],
            saved=row["saved"],
            may_reply=row["may_reply"],
            reposted=row["reposted"],
            voted=poll is not None and bool(poll.voted),
        ),
    }


def _state(row: Record, media: Sequence[Sequence[Any]]) -> PostState:
    if row["removed_at"] is not None:
        return "removed"
    if row["published_at"] is not None:
        return "published"
    if row["draft"]:
        return "draft"
    if any("failed" in item for item in media):
        return "failed"
    return "processing" if row["publish_at"] is None else "scheduled"


def _poll(stored: Sequence[Any], is_author: bool) -> PollView:
    multiple, closes_at, closed, voters, options, voted = stored
    told = is_author or closed or bool(voted)
    return PollView(
        options=[PollOption(text=text, votes=votes if told else None) for _, text, votes in sorted(options)],
        multiple=multiple,
        closes_at=msgspec.convert(closes_at, datetime),
        voters=voters,
        voted=sorted(voted),
    )
