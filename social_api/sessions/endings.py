"""Ending sessions: here at once, in Keycloak by way of the event worker."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from db import audit, outbox
from db.engine import Transaction
from social_api.client import Client
from social_api.sessions import queries


@dataclass(frozen=True, slots=True)
class Why:
    """Why something ends, and by whose request."""

    reason: str
    user_id: UUID
    client: Client
    request_id: str


async def end(
    tx: Transaction, keycloak_session: str, living: Sequence[asyncpg.Record], ended: Collection[UUID], why: Why
) -> list[str] | None:
    """End some of the sessions `living` by a Keycloak session, which goes with the last of them; last step of `tx`.

    Answers which access tokens (`jti`) are refused from now on; None when all of the Keycloak session are.
    """
    await tx.execute(queries.END, session_ids=list(ended))
    tokens = None
    if len(ended) == len(living):
        await tx.execute(queries.REVOKE, keycloak_session_=keycloak_session, reason_=why.reason)
        order = {"session": keycloak_session}
        await outbox.emit(tx, "event_worker", "session.log_out", order, key=keycloak_session, request_id=why.request_id)
    else:
        tokens = [token for session in living if session["id"] in ended for token in session["access_tokens"]]
        await tx.execute(queries.REVOKE_TOKENS, keycloak_session_=keycloak_session, tokens=tokens, reason_=why.reason)
    about = {"sessions": [str(each) for each in ended], "keycloak_session": keycloak_session, "reason": why.reason}
    await audit.record(tx, "session.ended", why.user_id, about, ip=why.client.address, user_agent=why.client.user_agent)
    return tokens
