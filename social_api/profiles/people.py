"""Finding people, for whoever acts on one."""

from uuid import UUID

from db.engine import Transaction
from social_api.problems import NotFound
from social_api.profiles import queries


async def find(tx: Transaction, connect_id: str) -> UUID:
    """The id of an active person by handle, in any case; raises NotFound."""
    found: UUID | None = await tx.value(queries.FIND, connect_id=connect_id)
    if found is None:
        raise NotFound
    return found
