"""Leaving for a while. Signing in again is coming back."""

from db import audit, outbox
from db.engine import Transaction
from social_api.account import queries
from social_api.auth import Actor
from social_api.client import Client


async def deactivate(actor: Actor, tx: Transaction, client: Client, request_id: str) -> None:
    """Deactivate the account.

    At once nothing of it is there for others, and all sessions end, here, in Keycloak and in Matrix. Nothing is lost:
    signing in again by `POST /v1/sessions` brings everything back.
    """
    if not await tx.execute(queries.DEACTIVATE, me=actor.user_id):
        return
    await tx.execute(queries.END_SESSIONS, me=actor.user_id)
    await tx.execute(queries.REVOKE, subject_=actor.subject)
    whose = {"user_id": str(actor.user_id), "subject": actor.subject}
    await outbox.emit(tx, "appservice", "person.sessions_ended", whose, request_id=request_id)
    await outbox.emit(tx, "event_worker", "person.log_out", {"subject": actor.subject}, request_id=request_id)
    await audit.record(
        tx, "person.deactivated", actor.user_id, {"by": "themselves"}, ip=client.address, user_agent=client.user_agent
    )
