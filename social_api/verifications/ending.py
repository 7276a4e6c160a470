"""What ends a verification: a name that nobody has looked at."""

from __future__ import annotations

from db import audit
from db.engine import Transaction
from social_api.auth import Actor
from social_api.client import Client
from social_api.verifications import queries


async def end(tx: Transaction, actor: Actor, client: Client, because: str) -> None:
    """Take the actor's verification away, or their request for one: what was looked at, `because` says, is another now.

    They may ask again at once.
    """
    if await tx.execute(queries.END, person=actor.user_id):
        about = {"because": because}
        await audit.record(
            tx, "verification.ended", actor.user_id, about, ip=client.address, user_agent=client.user_agent
        )
