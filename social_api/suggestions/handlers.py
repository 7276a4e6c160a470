"""Suggesting people."""

from uuid import UUID

from db.engine import Transaction
from social_api.auth import Actor
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page
from social_api.suggestions import views
from social_api.suggestions.schemas import Suggestion


async def listing(actor: Actor, tx: Transaction, page: Page, link_signer: LinkSigner) -> Listing[Suggestion]:
    """List people whom one may know, and why.

    Friends of friends come first, those with the most mutual friends before others; then whom the people follow whom
    one knows; then who is followed by many lately. Left out are those with whom one has something already: a
    friendship, a follow, a request, or a no of one of the two; and who is muted, or does not wish to be found.
    """
    after = page.after(tuple[int, int, UUID])
    rows = await views.load(tx, actor, page.fetch, after or views.START)
    return page.listing(
        rows, lambda row: views.view(row, link_signer), lambda row: (row["place"], row["fewness"], row["id"])
    )
