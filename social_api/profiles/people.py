"""Finding people, for whoever acts on one. To the one who acts, people with a block between them are not there."""

from uuid import UUID

from db import pairs
from db.engine import Transaction
from social_api.auth import Actor
from social_api.problems import NotFound
from social_api.profiles import queries


async def find(tx: Transaction, actor: Actor, connect_id: str) -> UUID:
    """The id of a person whom `actor` can see, by handle, in any case; raises NotFound."""
    found: UUID | None = await tx.value(queries.FIND, connect_id=connect_id, viewer=actor.user_id)
    if found is None:
        raise NotFound
    return found


async def find_for_change(tx: Transaction, actor: Actor, connect_id: str) -> UUID:
    """`find`, and `hold`: how every change between `actor` and a person of that handle begins; raises NotFound."""
    person = await find(tx, actor, connect_id)
    await hold(tx, actor, person)
    return person


async def hold(tx: Transaction, actor: Actor, person: UUID) -> None:
    """Let nobody else change what is between `actor` and `person` until `tx` ends; raises NotFound.

    It looks after the lock whether they can still see them: they may have blocked each other while this waited for it.
    """
    await pairs.lock(tx, actor.user_id, person)
    if not await tx.value(queries.IS_VISIBLE, person=person, viewer=actor.user_id):
        raise NotFound
