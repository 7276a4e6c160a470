"""Signing in, refreshing, and what is signed in where."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from db import audit
from db.engine import Database, Transaction
from social_api.auth import Actor
from social_api.auth.authenticator import Authenticator
from social_api.auth.revocations import Revocations
from social_api.client import Client
from social_api.keycloak import Keycloak, RefusedError, Tokens
from social_api.pages import Listing, Page
from social_api.problems import NotFound, SignInRefused
from social_api.route import Reply
from social_api.sessions import cookies, endings, queries, refresh_tokens
from social_api.sessions.endings import Why
from social_api.sessions.keeping import kept
from social_api.sessions.refresh_tokens import digest
from social_api.sessions.schemas import Device, NewSession, SessionTokens, SessionView
from social_api.settings import Settings


async def create(
    body: NewSession,
    client: Client,
    *,
    database: Database,
    keycloak: Keycloak,
    authenticator: Authenticator,
    settings: Settings,
    request_id: str,
) -> SessionTokens | Reply[SessionTokens]:
    """Sign in with an authorization code.

    The code is redeemed at Keycloak; a person who comes for the first time gets their account here by it. Each sign-in
    is a session of its own; in a browser it takes the place of the one whose cookie it overwrites. It brings back an
    account that its person deactivated.
    """
    if body.transport == "cookie":
        cookies.refuse_cross_site(client, settings.public_url)
    try:
        tokens = await keycloak.exchange(body.code, body.code_verifier, body.redirect_uri)
    except RefusedError:
        raise SignInRefused from None
    actor = (await authenticator.welcome(tokens.access_token)).actor
    refresh_token = refresh_tokens.first()
    async with database.transaction() as tx:
        session_id = await _begin(tx, actor, tokens, refresh_token, body.device)
        if body.transport == "cookie":
            await _end_replaced(tx, client, request_id)
        about = {"session": str(session_id), "keycloak_session": actor.session}
        await audit.record(tx, "session.started", actor.user_id, about, ip=client.address, user_agent=client.user_agent)
    answer = SessionTokens(session_id, tokens.access_token, "Bearer", tokens.expires_in, refresh_token)
    return cookies.in_cookie(answer, tokens.refresh_expires_in) if body.transport == "cookie" else answer


async def listing(actor: Actor, tx: Transaction, page: Page) -> Listing[SessionView]:
    """List where one is signed in, newest first."""
    after = page.after(tuple[datetime, UUID])
    rows = await tx.rows(
        queries.LISTING,
        user_id=actor.user_id,
        token_id=actor.token_id,
        after_time=after[0] if after else None,
        after_id=after[1] if after else None,
        limit=page.fetch,
    )

    def view(row: asyncpg.Record) -> SessionView:
        return SessionView(
            id=row["id"],
            device=msgspec.convert(row["device_info"], Device | None),
            created_at=row["created_at"],
            refreshed_at=row["refreshed_at"],
            expires_at=row["expires_at"],
            current=row["current"],
        )

    return page.listing(rows, view, lambda row: (row["created_at"], row["id"]))


async def end(
    actor: Actor, session_id: UUID, client: Client, *, database: Database, revocations: Revocations, request_id: str
) -> None:
    """End one of one's sessions.

    Its tokens are refused at once. Keycloak ends its own session too, unless another sign-in of the same browser still
    lives by it.
    """
    async with database.transaction() as tx:
        living = await tx.rows(queries.BY_ID, session_id=session_id, user_id=actor.user_id)
        if session_id not in [session["id"] for session in living]:
            raise NotFound
        keycloak_session: str = living[0]["keycloak_session"]
        why = Why("ended by the person", actor.user_id, client, request_id)
        tokens = await endings.end(tx, keycloak_session, living, {session_id}, why)
    revocations.end(keycloak_session, tokens)


async def end_current(
    actor: Actor, client: Client, database: Database, revocations: Revocations, request_id: str
) -> Reply[None]:
    """Sign out.

    Ends the session that the access token belongs to, as `DELETE /v1/sessions/{session_id}` does, and takes the
    browser's cookie away. A token that did not come from here, but from Keycloak itself, ends all of its session there.
    """
    if actor.session is None:
        raise NotFound
    async with database.transaction() as tx:
        living = await tx.rows(queries.BY_KEYCLOAK_SESSION, keycloak_session_=actor.session)
        own = {session["id"] for session in living if actor.token_id in session["access_tokens"]}
        why = Why("signed out", actor.user_id, client, request_id)
        tokens = await endings.end(tx, actor.session, living, own or {session["id"] for session in living}, why)
    revocations.end(actor.session, tokens)
    return Reply(None, (cookies.FORGET,))


async def _begin(tx: Transaction, actor: Actor, tokens: Tokens, refresh_token: str, device: Device | None) -> UUID:
    begun: UUID = await tx.value(
        queries.BEGIN,
        keycloak_session_=actor.session,
        user_id=actor.user_id,
        family_hash=digest(refresh_token.partition(".")[0]),
        device_info_=None if device is None else msgspec.to_builtins(device),
        **kept(tokens, refresh_token, {}),
    )
    return begun


async def _end_replaced(tx: Transaction, client: Client, request_id: str) -> None:
    """End the session whose cookie the browser is about to lose: nobody could refresh it any more."""
    family = refresh_tokens.family(client.refresh_cookie or "")
    if family is None:
        return
    living = await tx.rows(queries.BY_FAMILY, family_hash=digest(family))
    for session in living:
        if session["family_hash"] == digest(family):
            why = Why("signed in again", session["user_id"], client, request_id)
            await endings.end(tx, session["keycloak_session"], living, {session["id"]}, why)
