"""Finding posts, for whoever acts on one."""

from uuid import UUID

from db.engine import Transaction
from social_api.auth import Actor
from social_api.posts import queries
from social_api.problems import NotFound


async def check_visible(tx: Transaction, actor: Actor, post: UUID) -> None:
    """Go on if the actor may see `post`; raises NotFound."""
    if not await tx.value(queries.IS_VISIBLE, post=post, viewer=actor.user_id):
        raise NotFound


async def check_out(tx: Transaction, actor: Actor, post: UUID) -> None:
    """Go on if `post` is out and the actor may see it; raises NotFound.

    Nobody likes, saves, votes in or comments on what is not published, neither does its author.
    """
    if not await tx.value(queries.IS_OUT, post=post, viewer=actor.user_id):
        raise NotFound
