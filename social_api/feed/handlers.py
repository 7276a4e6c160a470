"""Reading the home feed."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from redis.asyncio import Redis

from db.engine import Transaction
from social_api.auth import Actor
from social_api.feed import queries, ranking
from social_api.feed.fragments import Fragments, now
from social_api.feed.schemas import FeedItem, FeedOrder, FeedPage, Reason
from social_api.feed.snapshots import Ranked
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page
from social_api.posts.views import load
from social_api.suggestions.views import first as suggest

RANKED_DAYS = timedelta(days=7)
POPULAR_FROM = 10
"""From this engagement on it is why a post is shown."""
_LAST_ID = UUID(int=2**128 - 1)
_BEGINNING = (datetime(9999, 12, 31, tzinfo=UTC), _LAST_ID)


async def home(
    actor: Actor,
    tx: Transaction,
    query: FeedOrder,
    page: Page,
    *,
    valkey: Redis,
    link_signer: LinkSigner,
    fragments: Fragments,
) -> FeedPage:
    """List what oneself, friends and followed people published.

    `latest` is newest first; `ranked` begins with what matters most of the last seven days. Each item says why it is
    there. Nobody one has muted and no word one has muted is among it. Posts made or deleted meanwhile neither repeat
    nor hide others.
    """
    if query.sort == "ranked":
        found = await _ranked(tx, actor, page, valkey, link_signer)
    else:
        found = await _latest(tx, actor, page, link_signer, fragments)
    is_empty = not found.items and page.begins
    suggestions = await suggest(tx, actor, link_signer) if is_empty else []
    return FeedPage(items=found.items, next=found.next, suggestions=suggestions)


async def items(tx: Transaction, actor: Actor, ranked: list[Ranked], links: LinkSigner) -> list[FeedItem]:
    """The posts themselves. One that went away meanwhile is left out; the cursor does not need it."""
    posts = await load(tx, actor, [entry.post for entry in ranked], links) if ranked else {}
    return [FeedItem(reason=entry.reason, post=posts[entry.post]) for entry in ranked if entry.post in posts]


async def still_wanted(tx: Transaction, actor: Actor, ranked: list[Ranked]) -> list[Ranked]:
    """Those that the viewer has not muted since they were ranked."""
    if not ranked:
        return []
    rows = await tx.rows(queries.STILL_WANTED, viewer=actor.user_id, posts=[entry.post for entry in ranked])
    wanted = {row["id"] for row in rows}
    return [entry for entry in ranked if entry.post in wanted]


async def _ranked(tx: Transaction, actor: Actor, page: Page, valkey: Redis, links: LinkSigner) -> Listing[FeedItem]:
    found = await ranking.read(page, valkey, actor.user_id, lambda as_of: _rank(tx, actor, as_of))
    wanted = await still_wanted(tx, actor, found.items)
    return Listing(items=await items(tx, actor, wanted, links), next=found.next)


async def _latest(
    tx: Transaction, actor: Actor, page: Page, links: LinkSigner, fragments: Fragments
) -> Listing[FeedItem]:
    before, before_id = page.after(tuple[datetime, UUID]) or _BEGINNING
    asked_at = now()
    rows = await tx.rows(queries.LATEST, viewer=actor.user_id, before=before, before_id=before_id, limit=page.fetch)
    found = page.listing(rows, lambda row: row, lambda row: (row["published_at"], row["id"]))
    expiry = links.expiry()
    kept = {row["id"]: fragments.find(row, expiry, asked_at) for row in found.items}
    unknown = [post for post, fragment in kept.items() if fragment is None]
    read = await load(tx, actor, unknown, links) if unknown else {}
    shown = []
    for row in found.items:
        fragment, post = kept[row["id"]], read.get(row["id"])
        if fragment is not None:
            shown.append(FeedItem(reason=row["reason"], post=fragment.seen_by(row)))
        elif post is not None:  # else it went away meanwhile; the cursor does not need it
            fragments.keep(row, expiry, post)
            shown.append(FeedItem(reason=row["reason"], post=post))
    return Listing(items=shown, next=found.next)


class _Candidate(NamedTuple):
    score: float
    post: UUID
    author: UUID
    reason: Reason


async def _rank(tx: Transaction, actor: Actor, as_of: datetime) -> list[Ranked]:
    rows = await tx.rows(
        queries.CANDIDATES,
        viewer=actor.user_id,
        before=as_of,
        before_id=_LAST_ID,
        since=as_of - RANKED_DAYS,
        limit=queries.MOST_RANKED,
    )
    candidates = [
        _Candidate(
            row["score"],
            row["id"],
            row["author"],
            "popular" if row["engagement"] >= POPULAR_FROM and row["reason"] != "own" else row["reason"],
        )
        for row in rows
    ]
    best_first = sorted(candidates, key=lambda candidate: (candidate.score, candidate.post), reverse=True)
    return [Ranked(candidate.post, candidate.reason) for candidate in ranking.spread(best_first)]
