"""From `posts` rows to what a viewer gets."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar
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
    Visibility,
)
from social_api.posts.text import hashtags
from social_api.profiles.schemas import PersonSummary
from social_api.profiles.views import picture

Row: TypeAlias = "Record | Mapping[str, Any]"
View = TypeVar("View", bound=OriginalView)

_NOTHING: Mapping[str, Any] = {
    "media": (),
    "mentions": None,
    "poll": None,
    "liked": False,
    "saved": False,
    "reposted": False,
    "may_reply": True,
}
"""What hangs on a post of words, which nobody has seen yet."""


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


def bare(row: Record, links: LinkSigner) -> PostView:
    """What its author sees of a post that consists of its row, in the moment it was made."""
    return _view(PostView, {**row, **_NOTHING}, row["user_id"], links, repost=None)


def _post(row: Record, rows: dict[UUID, Record], viewer: UUID, links: LinkSigner) -> PostView:
    if row["repost_of"] is None:
        return _view(PostView, row, viewer, links, repost=None)
    original = rows.get(row["repost_of"])
    seen = None if original is None else _view(OriginalView, original, viewer, links)
    return _view(PostView, row, viewer, links, repost=Repost(seen))


def _view(kind: Callable[..., View], row: Row, viewer: UUID, links: LinkSigner, **more: Any) -> View:
    is_author = row["user_id"] == viewer
    poll = None if row["poll"] is None else _poll(row["poll"], is_author)
    media, location = row["media"], row["location"]
    if media:
        media.sort()
    return kind(
        id=row["id"],
        type=row["type"],
        state="published" if row["is_out"] else _state(row),
        caption=row["caption"],
        language=row["language"],
        hashtags=hashtags(row["caption"]),
        mentions=[Mention(*named) for named in row["mentions"] or ()],
        visibility=row["visibility"] if is_author else _seen(row["visibility"]),
        audience_list_id=row["audience_list_id"] if is_author else None,
        replies=row["replies"],
        location=None if location is None else Location(**location),
        draft=row["draft"],
        publish_at=row["publish_at"] if is_author else None,
        created_at=row["created_at"],
        published_at=row["published_at"],
        edited_at=row["edited_at"],
        revision=row["revision"],
        author=PersonSummary(
            row["user_id"],
            row["connect_id"],
            row["display_name"],
            picture(row["profile_pic_url"], links),
            row["verified"],
        ),
        media=[media_view(item, links) for item in media],
        poll=poll,
        counts=PostCounts(row["like_count"], row["comment_count"], row["view_count"], row["repost_count"]),
        viewer=ViewerState(
            is_author,
            row["liked"],
            row["saved"],
            row["may_reply"],
            row["reposted"],
            poll is not None and bool(poll.voted),
        ),
        **more,
    )


def _seen(visibility: Visibility) -> Visibility:
    """What others learn of whom a post is for: never that they are on a list. Only friends are on lists."""
    return "public" if visibility == "public" else "friends"


def _state(row: Row) -> PostState:
    """How a post stands that only its author sees."""
    if row["published_at"] is not None:
        return "removed"
    if row["draft"]:
        return "draft"
    if any("failed" in item for item in row["media"]):
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
