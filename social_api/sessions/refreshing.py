"""Rotating refresh tokens.

The session's row is locked while Keycloak answers, because a token that Keycloak sees twice ends the session there: of
two equal requests the second waits, finds itself the previous token, and gets the first one's answer. A token that
comes back later was copied, whoever holds it: the session ends.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg

from db.engine import Database, Transaction
from social_api.client import Client
from social_api.keycloak import Keycloak, RefusedError
from social_api.problems import SessionEnded
from social_api.route import Reply
from social_api.sessions import cookies, queries
from social_api.sessions.endings import end_everywhere
from social_api.sessions.refresh_tokens import digest, seal, unseal
from social_api.sessions.schemas import Refresh, SessionTokens
from social_api.settings import Settings


async def refresh(
    body: Refresh, client: Client, *, database: Database, keycloak: Keycloak, settings: Settings, request_id: str
) -> SessionTokens | Reply[SessionTokens]:
    """Get new tokens for a refresh token, which is good for this once.

    The same request repeated within ten seconds gets the same answer; a token used later than that ends the session.
    """
    token = body.refresh_token
    if body.transport == "cookie":
        cookies.refuse_cross_site(client, settings.public_url)
        token = client.refresh_cookie
    if not token:
        raise SessionEnded
    async with keycloak.refreshing, database.transaction() as tx:
        answer, lifetime = await _exchange(tx, token, keycloak, client, request_id)
    if answer is None:
        await keycloak.end(token)  # one from before the previous is not known here, but Keycloak knows whose it was
        raise SessionEnded
    return cookies.in_cookie(answer, lifetime) if body.transport == "cookie" else answer


async def _exchange(
    tx: Transaction, token: str, keycloak: Keycloak, client: Client, request_id: str
) -> tuple[SessionTokens | None, int]:
    """The answer to `token` and how long its refresh token is good for, in seconds; None when its session has ended."""
    session = await tx.row(queries.BY_TOKEN, token_hash=digest(token))
    if session is not None and session["live"]:
        return await _rotate(tx, session, token, keycloak, client=client, request_id=request_id)
    if session is None:
        session = await tx.row(queries.BY_PREVIOUS_TOKEN, token_hash=digest(token))
    if session is None or not session["live"]:
        return None, 0
    if session["repeatable"]:
        return unseal(session["previous_answer"], session["id"], token), session["lifetime"]
    await _end(tx, session, "refresh token used again", client, request_id)
    return None, 0


async def _rotate(
    tx: Transaction, session: asyncpg.Record, token: str, keycloak: Keycloak, *, client: Client, request_id: str
) -> tuple[SessionTokens | None, int]:
    try:
        tokens = await keycloak.refresh(token)
    except RefusedError:
        await _end(tx, session, "ended in Keycloak", client, request_id)
        return None, 0
    answer = SessionTokens(session["id"], tokens.access_token, "Bearer", tokens.expires_in, tokens.refresh_token)
    await tx.execute(
        queries.ROTATE,
        session_id=session["id"],
        token_hash=digest(tokens.refresh_token),
        previous_answer_=seal(answer, session["id"], token),
        expires_at_=datetime.now(UTC) + timedelta(seconds=tokens.refresh_expires_in),
    )
    return answer, tokens.refresh_expires_in


async def _end(tx: Transaction, session: asyncpg.Record, reason: str, client: Client, request_id: str) -> None:
    user_id, keycloak_session = session["user_id"], session["keycloak_session"]
    await tx.execute(queries.END_BY_KEYCLOAK_SESSION, keycloak_session_=keycloak_session, user_id=user_id)
    await end_everywhere(tx, user_id, keycloak_session, reason, client=client, request_id=request_id)
