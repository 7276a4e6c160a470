"""What happens to people in Meton, done in Synapse."""

from __future__ import annotations

from uuid import UUID

from appservice.command import Effect, Tools, no_effect
from appservice.people import queries
from appservice.people.accounts import ensure_account
from db.outbox import Entry


async def provision(tools: Tools, entry: Entry) -> Effect:
    """`person.registered`: the person has a Matrix account before they ever open a Matrix client."""
    await ensure_account(tools.database, tools.homeserver, UUID(entry.payload["user_id"]))
    return no_effect


async def end_sessions(tools: Tools, entry: Entry) -> Effect:
    """`person.sessions_ended`: every Matrix device of the person is signed out.

    `user_id` is null for somebody whom only Keycloak and perhaps Synapse know.
    """
    mxid = await tools.homeserver.account_of(entry.payload["subject"])
    user_id = entry.payload["user_id"]
    if mxid is None and user_id is not None:
        async with tools.database.reading() as tx:
            person = await tx.row(queries.PERSON, user_id=UUID(user_id))
        mxid = person["mxid"] if person else None
    if mxid is not None:
        await tools.homeserver.end_sessions(mxid)
    return no_effect
