"""Looking at trends."""

import math

from asyncpg import Record

from db.engine import Transaction
from social_api.auth import Actor
from social_api.pages import Listing, Page
from social_api.trends import queries
from social_api.trends.schemas import Trend

_BEGINNING = (math.inf, "")


async def listing(actor: Actor, tx: Transaction, page: Page) -> Listing[Trend]:  # noqa: ARG001 - for the signed in
    """List the hashtags that most people write about lately, counted anew each minute.

    However often somebody repeats a hashtag, they count once.
    """
    score, hashtag = page.after(tuple[float, str]) or _BEGINNING
    rows = await tx.rows(queries.LIST, score=score, hashtag=hashtag, limit=page.fetch)
    return page.listing(rows, _view, lambda row: (row["score"], row["hashtag"]))


def _view(row: Record) -> Trend:
    return Trend(hashtag=row["hashtag"], authors=row["authors"], posts=row["posts"])
