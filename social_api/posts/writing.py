"""Making posts and changing them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from asyncpg import Record
from msgspec import UNSET, UnsetType
from uuid_utils.compat import uuid7

from db import live
from db.engine import Transaction
from social_api.auth import Actor
from social_api.posts import write_queries as queries
from social_api.posts.composition import (
    Content,
    MediaNotUsable,
    Placed,
    check_closing,
    check_complete,
    check_limits,
    check_media,
    check_media_ids,
    check_placed,
    check_poll,
    check_time,
    kept,
    trimmed,
)
from social_api.posts.finding import check_out, check_visible
from social_api.posts.languages import language_of
from social_api.posts.reposting import check_repost, original_of
from social_api.posts.schemas import NewPoll, NewPost, PostChange
from social_api.posts.text import hashtags, mentions
from social_api.problems import Conflict, Forbidden, Invalid, Text

_NO_TIME = Text("A draft has no time: leave one of the two out.", "मसौदे का कोई समय नहीं होता: दोनों में से एक हटाएँ।")
_PUBLISHED = Text("The post is published.", "पोस्ट प्रकाशित हो चुकी है।")
_DRAFTS_ONLY = Text("This can be changed in drafts only.", "यह केवल मसौदे में बदला जा सकता है।")
_OWN_LIST = Text("You have no such list.", "आपकी ऐसी कोई सूची नहीं है।")
_QUOTE = Text("A repost keeps to having words or none.", "रीपोस्ट में शब्द हों या न हों, यह बदला नहीं जा सकता।")

Value = TypeVar("Value")


class EditedMeanwhile(Conflict):
    """The post was edited after the one who edits it now read it."""

    name = "edited-meanwhile"
    title = Text("Edited meanwhile", "इस बीच बदला गया")
    detail = Text(
        "The post is at revision {revision} now: read it again.", "पोस्ट अब संशोधन {revision} पर है: इसे फिर से पढ़ें।"
    )


class PollHasVotes(Conflict):
    """People have voted: what they answered is not to become another question."""

    name = "poll-has-votes"
    title = Text("People have voted already", "लोग वोट दे चुके हैं")
    detail = Text("The question of a poll stays as it was voted on.", "वोट मिलने के बाद मतदान का सवाल बदला नहीं जा सकता।")


class Made(NamedTuple):
    """A post that was made, or the plain repost that there was already."""

    id: UUID
    row: Record | None
    """All there is to tell, as `queries.INSERT` has it; None when there is more of it in other rows."""


async def create(tx: Transaction, actor: Actor, post: NewPost, request_id: str) -> Made:
    """Make a post, or find the plain repost that there is already."""
    caption = trimmed(post.caption)
    media = await _check_new(tx, actor, post, caption)
    original = None if post.repost_of is None else await original_of(tx, actor, post.repost_of)
    meta = {"language": post.language or language_of(caption, actor.language), "location": kept(post.location)}
    values = {
        "viewer": actor.user_id,
        "type": post.type,
        "caption": caption,
        "meta": {name: value for name, value in meta.items() if value is not None},
        "visibility": post.visibility,
        "list_id": post.audience_list_id,
        "replies": post.replies,
        "draft": post.draft,
        "publish_at": post.publish_at,
        "publish": not post.draft and post.publish_at is None and _are_ready(media),
        "repost_of": original,
        "hashtags": hashtags(caption),
        "request_id": request_id,
    }
    insert = queries.INSERT if original is None else queries.INSERT_REPOST
    while (made := await tx.row(insert, post=uuid7(), **values)) is None:
        found: UUID | None = await tx.value(queries.OWN_REPOST, viewer=actor.user_id, repost_of=original)
        if found is not None:
            return Made(found, None)
        # it was taken back in the same moment: there is room for a new one
    post_id: UUID = made["id"]
    if original is not None:
        await check_out(tx, actor, original)  # it may have been deleted before this was counted on it
    if names := mentions(caption):
        await tx.execute(queries.NAME, post=post_id, viewer=actor.user_id, names=names)
    if media:
        await tx.execute(queries.ATTACH, post=post_id, media=post.media)
    if post.poll is not None:
        await _ask(tx, post_id, post.poll)
    is_all = original is None and not (names or media or post.poll)
    return Made(post_id, made if is_all else None)


async def change(tx: Transaction, actor: Actor, post_id: UUID, body: PostChange, request_id: str) -> None:
    """Change a post of the actor's; raises NotFound, Forbidden, EditedMeanwhile, PollHasVotes or Invalid."""
    if body.media is not UNSET:
        # before the post, as the media worker does: neither waits for the other for ever
        await _usable(tx, actor, body.media, post_id)
    post = await _lock(tx, actor, post_id)
    if body.revision is not UNSET and body.revision != post["revision"]:
        raise EditedMeanwhile(revision=post["revision"])
    draft, publish_at = _timed(post, body.publish_at)
    await _change_draft(tx, post, body, publish_at)
    placed = await _place(tx, actor, post, body)
    caption = post["caption"] if body.caption is UNSET else trimmed(body.caption)
    values = {
        "type": _or(body.type, post["type"]),
        "caption": caption,
        "meta": _meta(post, body, caption, actor.language),
        "visibility": placed.visibility,
        "list_id": placed.list_id,
        "replies": _or(body.replies, post["replies"]),
        "draft": draft,
        "publish_at": publish_at,
    }
    await _check_whole(tx, post, values, ends_draft=post["draft"] and not draft)
    await _write(tx, actor, post, request_id, publish=False, **values)


async def publish(tx: Transaction, actor: Actor, post_id: UUID, request_id: str) -> None:
    """Let a draft or scheduled post of the actor's appear, now or as soon as its media are ready."""
    post = await _lock(tx, actor, post_id)
    if post["published_at"] is not None or not (post["draft"] or post["publish_at"]):
        return
    values = {name: post[name] for name in ("type", "caption", "meta", "visibility", "replies")}
    values |= {"list_id": post["audience_list_id"], "draft": False, "publish_at": None}
    media = await _check_whole(tx, post, values, ends_draft=True)
    await _write(tx, actor, post, request_id, publish=_are_ready(media), **values)


async def _check_new(tx: Transaction, actor: Actor, post: NewPost, caption: str | None) -> Sequence[Record]:
    """Check all that a new post says and names; its files, held until `tx` ends."""
    if post.repost_of is not None:
        check_repost(post)
    if post.draft and post.publish_at is not None:
        raise Invalid(("/publish_at", _NO_TIME))
    if post.publish_at is not None:
        check_time(post.publish_at)
    if post.poll is not None:
        check_poll(post.poll, post.publish_at)
    content = Content(post.type, caption, len(post.media), post.poll is not None)
    if post.draft:
        check_limits(content)
    elif post.repost_of is None:
        check_complete(content)
    placed = Placed(post.visibility, post.audience_list_id)
    check_placed(placed)
    await _hold_list(tx, actor, placed)
    media = await _usable(tx, actor, post.media, None)
    if not post.draft:
        check_media(post.type, media)
    return media


async def _usable(tx: Transaction, actor: Actor, media: Sequence[UUID], post_id: UUID | None) -> Sequence[Record]:
    """The rows of files that are the actor's and in no other post, held until `tx` ends; raises MediaNotUsable."""
    if not media:
        return []
    check_media_ids(media)
    rows = await tx.rows(queries.LOCK_MEDIA, media=media, viewer=actor.user_id, post=post_id)
    if len(rows) < len(media):
        raise MediaNotUsable
    return rows


async def _lock(tx: Transaction, actor: Actor, post_id: UUID) -> Record:
    """A post of the actor's, held until `tx` ends; raises NotFound, or Forbidden for one that is not theirs to change.

    What moderation removed stays as it was found.
    """
    post = await tx.row(queries.LOCK, post=post_id, viewer=actor.user_id)
    if post is None:
        await check_visible(tx, actor, post_id)
        raise Forbidden
    if post["removed_at"] is not None:
        raise Forbidden
    return post


def _timed(post: Record, publish_at: datetime | UnsetType | None) -> tuple[bool, datetime | None]:
    """Whether the post is a draft then, and when it appears by itself."""
    if publish_at is UNSET:
        return post["draft"], post["publish_at"]
    if post["published_at"] is not None:
        raise Invalid(("/publish_at", _PUBLISHED))
    if publish_at is None:
        return post["draft"] or post["publish_at"] is not None, None
    check_time(publish_at)
    return False, publish_at


async def _change_draft(tx: Transaction, post: Record, body: PostChange, publish_at: datetime | None) -> None:
    """Replace what only a draft lets one replace; raises Invalid for any other post."""
    for pointer, value in (("/type", body.type), ("/media", body.media), ("/poll", body.poll)):
        if value is not UNSET and not post["draft"]:
            raise Invalid((pointer, _DRAFTS_ONLY))
    if body.media is not UNSET:
        await tx.execute(queries.DETACH, post=post["id"], media=body.media)
        await tx.execute(queries.ATTACH, post=post["id"], media=body.media)
    if body.poll is not UNSET:
        await tx.execute(queries.UNASK, post=post["id"])
        if body.poll is not None:
            check_poll(body.poll, publish_at)
            await _ask(tx, post["id"], body.poll)


async def _ask(tx: Transaction, post_id: UUID, poll: NewPoll) -> None:
    options = [option.strip() for option in poll.options]
    await tx.execute(queries.ASK, post=post_id, options=options, multiple=poll.multiple, closes_at=poll.closes_at)


async def _place(tx: Transaction, actor: Actor, post: Record, body: PostChange) -> Placed:
    """Whom the post is for after the change; a list that is left out goes with `custom`."""
    visibility = _or(body.visibility, post["visibility"])
    stays = None if visibility != "custom" else post["audience_list_id"]
    placed = Placed(visibility, _or(body.audience_list_id, stays))
    if placed != (post["visibility"], post["audience_list_id"]):
        check_placed(placed)
        await _hold_list(tx, actor, placed)
    return placed


async def _hold_list(tx: Transaction, actor: Actor, placed: Placed) -> None:
    """Let the list stay until `tx` ends; raises Invalid when the actor has no such list."""
    if placed.list_id is None:
        return
    if not await tx.value(queries.LOCK_OWN_LIST, list_id=placed.list_id, viewer=actor.user_id):
        raise Invalid(("/audience_list_id", _OWN_LIST))


def _meta(post: Record, body: PostChange, caption: str | None, language: str) -> dict[str, Any]:
    """What the post says beside its caption; a new caption in no language named may be in another one."""
    meta = dict(post["meta"])
    if body.location is not UNSET:
        meta["location"] = kept(body.location)
    if isinstance(body.language, str):
        meta["language"] = body.language
    elif body.language is None or caption != post["caption"]:
        meta["language"] = language_of(caption, language)
    return {name: value for name, value in meta.items() if value is not None}


async def _check_whole(tx: Transaction, post: Record, values: dict[str, Any], *, ends_draft: bool) -> Sequence[Record]:
    """Check what the post will be, as far as its state asks for it; its files."""
    if post["repost_of"] is not None:
        if (values["caption"] is None) != (post["caption"] is None):
            raise Invalid(("/caption", _QUOTE))
        return []
    media = await tx.rows(queries.FILES, post=post["id"])
    poll = await tx.row(queries.POLL, post=post["id"])
    if poll is not None and poll["voter_count"] and values["caption"] != post["caption"]:
        raise PollHasVotes
    content = Content(values["type"], values["caption"], len(media), poll is not None)
    if values["draft"]:
        check_limits(content)
        return media
    check_complete(content)
    if ends_draft:
        check_media(values["type"], media)
    if poll is not None and post["published_at"] is None:
        check_closing(poll["closes_at"], values["publish_at"])
    return media


async def _write(tx: Transaction, actor: Actor, post: Record, request_id: str, **values: Any) -> None:
    """Change the row, what hangs on its words, and keep what it said; tell those who are named in it now."""
    caption = values["caption"]
    named = await tx.value(
        queries.CHANGE,
        post=post["id"],
        viewer=actor.user_id,
        rewritten=(caption, values["meta"]) != (post["caption"], post["meta"]),
        hashtags=hashtags(caption),
        names=mentions(caption),
        request_id=request_id,
        **values,
    )
    if named and post["published_at"] is not None:  # of others, the publication tells
        rows = await tx.rows(queries.HEARERS, post=post["id"], people=named, viewer=actor.user_id)
        payload = {"post_id": str(post["id"]), "connect_id": actor.connect_id}
        await live.emit(tx, "post.mentioned", [row["id"] for row in rows], payload, request_id=request_id)


def _are_ready(media: Sequence[Record]) -> bool:
    return all(item["transcoding_status"] == "done" for item in media)


def _or(value: Value | UnsetType, otherwise: Value) -> Value:
    """What a change says, or what is there."""
    return otherwise if isinstance(value, UnsetType) else value
