"""Counting who has seen a post."""

from db.engine import Transaction
from social_api.auth import Actor
from social_api.viewing import queries
from social_api.viewing.schemas import SeenPosts


async def report(actor: Actor, tx: Transaction, body: SeenPosts) -> None:
    """Report which posts one has seen.

    Each counts once a person and day (UTC); one's own do not, and what one may not see is passed over.
    """
    await tx.execute(queries.COUNT, posts=body.posts, viewer=actor.user_id)
