"""Ending a session: here at once, in Keycloak by way of the event worker."""

from __future__ import annotations

from uuid import UUID

from db import audit, outbox
from db.engine import Transaction
from social_api.client import Client
from social_api.sessions import queries


async def end_everywhere(
    tx: Transaction, user_id: UUID, keycloak_session: str, reason: str, *, client: Client, request_id: str
) -> None:
    """Refuse the tokens of a Keycloak session from now on, and have Keycloak end it; the last step of `tx`."""
    await tx.execute(queries.REVOKE, keycloak_session_=keycloak_session, reason_=reason)
    order = {"session": keycloak_session}
    await outbox.emit(tx, "event_worker", "session.log_out", order, key=keycloak_session, request_id=request_id)
    await audit.record(
        tx,
        "session.ended",
        user_id,
        {"session": keycloak_session, "reason": reason},
        ip=client.address,
        user_agent=client.user_agent,
    )
