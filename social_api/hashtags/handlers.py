"""Reading what has a hashtag."""

from uuid import UUID

from db.engine import Transaction
from social_api.auth import Actor
from social_api.hashtags import queries
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page
from social_api.posts.schemas import PostView
from social_api.posts.text import fold
from social_api.posts.views import listing

_NEWEST = UUID(int=2**128 - 1)


async def posts(actor: Actor, tx: Transaction, hashtag: str, page: Page, link_signer: LinkSigner) -> Listing[PostView]:
    """List the posts with a hashtag, newest first.

    Upper and lower case are the same. What cannot be a hashtag is in no post.
    """
    (before,) = page.after(tuple[UUID]) or (_NEWEST,)
    folded = fold(hashtag)
    if folded is None:
        return Listing(items=[], next=None)
    rows = await tx.rows(queries.POSTS, hashtag=folded, viewer=actor.user_id, before_id=before, limit=page.fetch)
    return await listing(tx, actor, page, rows, link_signer, "id")
