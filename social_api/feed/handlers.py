"""Reading the home feed."""

from datetime import UTC, datetime
from uuid import UUID

from db.engine import Transaction
from social_api.auth import Actor
from social_api.feed import queries
from social_api.feed.schemas import FeedItem
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page
from social_api.posts.views import load

_BEGINNING = (datetime(9999, 12, 31, tzinfo=UTC), UUID(int=2**128 - 1))


async def latest(actor: Actor, tx: Transaction, page: Page, link_signer: LinkSigner) -> Listing[FeedItem]:
    """List what oneself, friends and followed people published, newest first.

    Each item says why it is there. Posts made or deleted meanwhile neither repeat nor hide others.
    """
    before, before_id = page.after(tuple[datetime, UUID]) or _BEGINNING
    rows = await tx.rows(queries.LATEST, viewer=actor.user_id, before=before, before_id=before_id, limit=page.fetch)
    found = page.listing(rows, lambda row: row, lambda row: (row["published_at"], row["id"]))
    posts = await load(tx, actor, [row["id"] for row in found.items], link_signer)
    # A post that went away between the two statements is left out; the cursor does not need it.
    items = [FeedItem(reason=row["reason"], post=posts[row["id"]]) for row in found.items if row["id"] in posts]
    return Listing(items=items, next=found.next)
