"""Looking around a person. A private account shows its circle to its followers and friends: for others it is not there.

Everywhere people are left out whom the viewer may not see: those who are not active, or have a block with them.
"""

from uuid import UUID

import msgspec
from asyncpg import Record

from db.engine import Statement, Transaction
from social_api.auth import Actor
from social_api.circles import queries
from social_api.circles.schemas import PersonAround, Standing
from social_api.media.links import LinkSigner
from social_api.pages import Listing, Page
from social_api.problems import NotFound
from social_api.profiles import views
from social_api.profiles.people import find

_NEWEST = UUID(int=2**128 - 1)


async def followers(
    actor: Actor, tx: Transaction, connect_id: str, page: Page, link_signer: LinkSigner
) -> Listing[PersonAround]:
    """List who follows a person, newest first.

    Each comes with how you stand to them. The lists of a private account are not there for those it has not let in.
    """
    return await _around(queries.FOLLOWERS, actor, tx, connect_id, page, links=link_signer)


async def following(
    actor: Actor, tx: Transaction, connect_id: str, page: Page, link_signer: LinkSigner
) -> Listing[PersonAround]:
    """List whom a person follows, newest first.

    Each comes with how you stand to them. The lists of a private account are not there for those it has not let in.
    """
    return await _around(queries.FOLLOWING, actor, tx, connect_id, page, links=link_signer)


async def friends(
    actor: Actor, tx: Transaction, connect_id: str, page: Page, link_signer: LinkSigner
) -> Listing[PersonAround]:
    """List a person's friends, newest first.

    Each comes with how you stand to them. The lists of a private account are not there for those it has not let in.
    """
    return await _around(queries.FRIENDS, actor, tx, connect_id, page, links=link_signer)


async def mutuals(
    actor: Actor, tx: Transaction, connect_id: str, page: Page, link_signer: LinkSigner
) -> Listing[PersonAround]:
    """List whom you know among those around a person, newest first.

    "Followed by people you follow": those whom you follow or are friends with, and who follow this person or are
    friends with them. The newest is whom you came to know last. The lists of a private account are not there for those
    it has not let in.
    """
    return await _around(queries.MUTUALS, actor, tx, connect_id, page, links=link_signer)


async def _around(
    statement: Statement, actor: Actor, tx: Transaction, connect_id: str, page: Page, *, links: LinkSigner
) -> Listing[PersonAround]:
    after = page.after(tuple[UUID])
    person = await find(tx, actor, connect_id)
    if not await tx.value(queries.IS_OPEN, person=person, viewer=actor.user_id):
        raise NotFound
    rows = await tx.rows(
        statement, person=person, viewer=actor.user_id, before=after[0] if after else _NEWEST, limit=page.fetch
    )
    return page.listing(rows, lambda row: _view(row, links), lambda row: (row["id"],))


def _view(row: Record, links: LinkSigner) -> PersonAround:
    return PersonAround(
        person=views.person(row["person"], links), relation=msgspec.convert(row["relation"], Standing | None)
    )
