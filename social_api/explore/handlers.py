"""Finding what one does not follow yet."""

from datetime import datetime

from redis.asyncio import Redis

from db.engine import Transaction
from social_api.auth import Actor
from social_api.explore import queries
from social_api.feed import ranking
from social_api.feed.handlers import POPULAR_FROM, items, still_wanted
from social_api.feed.schemas import FeedItem
from social_api.feed.snapshots import Ranked
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page


async def listing(
    actor: Actor, tx: Transaction, page: Page, valkey: Redis, link_signer: LinkSigner
) -> Listing[FeedItem]:
    """List new public posts by people one neither follows nor is friends with, the best first.

    Everybody comes once before anybody comes again, each with their ten newest at most. Nobody one has muted and no
    word one has muted is among it.
    """
    found = await ranking.read(page, valkey, actor.user_id, lambda as_of: _rank(tx, actor, as_of))
    wanted = await still_wanted(tx, actor, found.items)
    return Listing(items=await items(tx, actor, wanted, link_signer), next=found.next)


async def _rank(tx: Transaction, actor: Actor, as_of: datetime) -> list[Ranked]:
    rows = await tx.rows(queries.CANDIDATES, viewer=actor.user_id, before=as_of)
    return [Ranked(row["id"], "popular" if row["engagement"] >= POPULAR_FROM else "new") for row in rows]
