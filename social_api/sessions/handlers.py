"""Signing in, refreshing, and what is signed in where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
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
from social_api.sessions import cookies, queries
from social_api.sessions.endings import end_everywhere
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
) -> SessionTokens | Reply[SessionTokens]:
    """Sign in with an authorization code.

    The code is redeemed at Keycloak; a person who comes for the first time gets their account here by it.
    """
    if body.transport == "cookie":
        cookies.refuse_cross_site(client, settings.public_url)
    try:
        tokens = await keycloak.exchange(body.code, body.code_verifier, body.redirect_uri)
    except RefusedError:
        raise SignInRefused from None
    actor = (await authenticator.admit(tokens.access_token)).actor
    async with database.transaction() as tx:
        session_id = await _begin(tx, actor, tokens, body.device)
        await audit.record(
            tx,
            "session.started",
            actor.user_id,
            {"session": actor.session},
            ip=client.address,
            user_agent=client.user_agent,
        )
    answer = SessionTokens(session_id, tokens.access_token, "Bearer", tokens.expires_in, tokens.refresh_token)
    return cookies.in_cookie(answer, tokens.refresh_expires_in) if body.transport == "cookie" else answer


async def listing(actor: Actor, tx: Transaction, page: Page) -> Listing[SessionView]:
    """List where one is signed in, newest first."""
    after = page.after(tuple[datetime, UUID])
    rows = await tx.rows(
        queries.LISTING,
        user_id=actor.user_id,
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
            current=row["keycloak_session"] == actor.session,
        )

    return page.listing(rows, view, lambda row: (row["created_at"], row["id"]))


async def end(
    actor: Actor, session_id: UUID, client: Client, *, database: Database, revocations: Revocations, request_id: str
) -> None:
    """End one of one's sessions.

    Its tokens are refused at once, and Keycloak ends it too.
    """
    async with database.transaction() as tx:
        ended = await tx.row(queries.END, session_id=session_id, user_id=actor.user_id)
        if ended is None:
            raise NotFound
        session: str = ended["keycloak_session"]
        await end_everywhere(tx, actor.user_id, session, "ended by the person", client=client, request_id=request_id)
    revocations.end_session(session)


async def end_current(
    actor: Actor, client: Client, database: Database, revocations: Revocations, request_id: str
) -> Reply[None]:
    """Sign out.

    Ends the session that the access token belongs to, here and in Keycloak, and takes the browser's cookie away.
    """
    if actor.session is None:
        raise NotFound
    async with database.transaction() as tx:
        await tx.execute(queries.END_BY_KEYCLOAK_SESSION, keycloak_session_=actor.session, user_id=actor.user_id)
        await end_everywhere(tx, actor.user_id, actor.session, "signed out", client=client, request_id=request_id)
    revocations.end_session(actor.session)
    return Reply(None, (cookies.FORGET,))


async def _begin(tx: Transaction, actor: Actor, tokens: Tokens, device: Device | None) -> UUID:
    values = {
        "keycloak_session_": actor.session,
        "user_id": actor.user_id,
        "token_hash": digest(tokens.refresh_token),
        "device_info_": None if device is None else msgspec.to_builtins(device),
        "expires_at_": datetime.now(UTC) + timedelta(seconds=tokens.refresh_expires_in),
    }
    taken_over: UUID | None = await tx.value(queries.TAKE_OVER, **values)
    if taken_over is not None:
        return taken_over
    begun: UUID = await tx.value(queries.BEGIN, **values)
    return begun
