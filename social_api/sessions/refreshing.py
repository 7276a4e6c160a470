"""Rotating refresh tokens.

The session is locked while Keycloak answers, because a token that Keycloak sees twice ends everything that lives by its
session: of two equal requests the second waits, finds itself the previous token, and gets the first one's answer. A
token that comes back later was copied, whoever holds it: that session ends.
"""

from __future__ import annotations

import asyncpg
import msgspec

from db.engine import Database, Transaction
from social_api.auth.revocations import Revocations
from social_api.client import Client
from social_api.keycloak import Keycloak, RefusedError, Tokens
from social_api.problems import SessionEnded
from social_api.route import Reply
from social_api.sessions import cookies, endings, queries, refresh_tokens
from social_api.sessions.endings import Why
from social_api.sessions.keeping import kept
from social_api.sessions.refresh_tokens import Purpose, digest, seal, unseal
from social_api.sessions.schemas import Refresh, SessionTokens
from social_api.settings import Settings


async def refresh(
    body: Refresh,
    client: Client,
    *,
    database: Database,
    keycloak: Keycloak,
    revocations: Revocations,
    settings: Settings,
    request_id: str,
) -> SessionTokens | Reply[SessionTokens]:
    """Get new tokens for a refresh token, which is good for this once.

    The same request repeated within ten seconds gets the same answer; a token used later than that ends the session.
    """
    token = body.refresh_token or ""
    if body.transport == "cookie":
        cookies.refuse_cross_site(client, settings.public_url)
        token = client.refresh_cookie or ""
    family = refresh_tokens.family(token)
    if family is None:
        raise SessionEnded
    async with keycloak.refreshing, database.transaction() as tx:
        living = await tx.rows(queries.BY_FAMILY, family_hash=digest(family))
        session = next((each for each in living if each["family_hash"] == digest(family)), None)
        if session is None:
            raise SessionEnded
        exchanged = await _exchange(tx, session, token, keycloak)
        if isinstance(exchanged, str):
            why = Why(exchanged, session["user_id"], client, request_id)
            tokens = await endings.end(tx, session["keycloak_session"], living, {session["id"]}, why)
    if isinstance(exchanged, str):
        revocations.end(session["keycloak_session"], tokens)
        raise SessionEnded
    answer, lifetime = exchanged
    return cookies.in_cookie(answer, lifetime) if body.transport == "cookie" else answer


async def _exchange(
    tx: Transaction, session: asyncpg.Record, token: str, keycloak: Keycloak
) -> tuple[SessionTokens, int] | str:
    """The answer to `token` and how many seconds its refresh token is good; or why the session ends."""
    known = digest(token)
    if known == session["previous_token_hash"] and session["repeatable"]:
        answer = unseal(session["previous_answer"], token, Purpose.ANSWER)
        return msgspec.json.decode(answer, type=SessionTokens), session["lifetime"]
    if known != session["refresh_token_hash"]:
        return "refresh token used again"
    try:
        tokens = await keycloak.refresh(unseal(session["keycloak_token"], token, Purpose.KEYCLOAK_TOKEN).decode())
    except RefusedError:
        return "ended in Keycloak"
    return await _rotate(tx, session, token, tokens), tokens.refresh_expires_in


async def _rotate(tx: Transaction, session: asyncpg.Record, token: str, tokens: Tokens) -> SessionTokens:
    following = refresh_tokens.following(token)
    answer = SessionTokens(session["id"], tokens.access_token, "Bearer", tokens.expires_in, following)
    await tx.execute(
        queries.ROTATE,
        session_id=session["id"],
        previous_answer_=seal(msgspec.json.encode(answer), token, Purpose.ANSWER),
        **kept(tokens, following, session["access_tokens"]),
    )
    return answer
