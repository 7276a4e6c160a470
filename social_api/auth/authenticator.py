"""From a bearer token to an `Actor`."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from uuid import UUID

from sqlalchemy import Text, bindparam, exists, func, select, update
from sqlalchemy.orm import aliased

from db import audit, people
from db.engine import OUTAGES, Database, Statement
from db.models import AuthSession, User
from social_api.auth.actor import Actor
from social_api.auth.revocations import Revocations
from social_api.auth.tokens import Claims, Verifier
from social_api.auth.verdicts import TTL, Verdict, Verdicts
from social_api.keycloak import Keycloak
from social_api.problems import AccountDeactivated, AccountSuspended, Unauthorized

ASK_EVERY = 10.0
"""Seconds between two introspections of one token."""
_LISTEN_AGAIN = 2.0

_session = bindparam("session", type_=Text)
_other = aliased(AuthSession)
_ended = exists().where(
    AuthSession.keycloak_session == _session,
    AuthSession.ended_at.is_not(None),
    func.jsonb_exists(AuthSession.access_tokens, bindparam("token_id", type_=Text))
    | ~exists().where(_other.keycloak_session == _session, _other.ended_at.is_(None)),
)
"""Its own sign-in has ended, or all that share its Keycloak session, which then has ended with them."""
_PERSON = Statement(
    select(
        User.id,
        User.connect_id,
        User.language,
        User.status,
        User.deactivated_at.is_not(None).label("left"),
        _ended.label("ended"),
    ).where(User.subject == bindparam("subject", type_=Text))
)
_RETURN = Statement(
    update(User)
    .where(
        User.subject == bindparam("subject", type_=Text),
        User.status == "deactivated",
        User.deactivated_at.is_not(None),
    )
    .values(status="active", deactivated_at=None)
    .returning(User.id)
)


class Authenticator:
    """Judges tokens, remembering verdicts for a minute and looking at expiry and revocation every time."""

    def __init__(
        self, database: Database, verifier: Verifier, revocations: Revocations, keycloak: Keycloak, verdicts: Verdicts
    ) -> None:
        self._database = database
        self._verifier = verifier
        self._revocations = revocations
        self._keycloak = keycloak
        self._verdicts = verdicts

    def known(self, token: str) -> Actor | None:
        """The actor of a token judged lately; None means `admit` must be awaited. Raises Unauthorized once revoked."""
        verdict = self._verdicts.get(token, time.time())
        if verdict is None or not self._revocations.fresh:
            return None
        self._refuse_revoked(verdict)
        return verdict.actor

    async def admit(self, token: str) -> Verdict:
        """Judge a token.

        Raises Unauthorized, AccountSuspended, AccountDeactivated, and Unavailable when nobody knows whether it ended.
        """
        verdict = self._verdicts.get(token, time.time())
        if verdict is None:
            verdict = await self._judge(token)
            self._verdicts.put(token, verdict)
        self._refuse_revoked(verdict)
        if not self._revocations.fresh:
            await self._ask_keycloak(token, verdict)
        return verdict

    async def welcome(self, token: str) -> Verdict:
        """`admit` somebody who has just signed in, which brings an account back that they deactivated themselves."""
        try:
            return await self.admit(token)
        except AccountDeactivated:
            claims = await self._verifier.verify(token)
        async with self._database.transaction() as tx:
            person: UUID | None = await tx.value(_RETURN, subject=claims.sub)
            if person is not None:
                await audit.record(tx, "person.returned", person)
        return await self.admit(token)

    async def follow(self) -> None:
        """Forget what was found about people of whom something changed, until cancelled.

        A notification that is lost costs `verdicts.TTL` seconds: so long somebody's former handle may be told of.
        """
        while True:
            with suppress(*OUTAGES):
                await self._listen()
            await asyncio.sleep(_LISTEN_AGAIN)

    def still_good(self, verdict: Verdict) -> bool:
        """Whether a token admitted earlier has neither expired nor been ended since."""
        actor = verdict.actor
        return verdict.expires_at > time.time() and not self._revocations.revoked(
            actor.subject, actor.session, actor.token_id, verdict.issued_at
        )

    async def _listen(self) -> None:
        """Until the connection is lost."""
        lost = asyncio.Event()
        async with self._database.listening("people", self._forget) as connection:
            connection.add_termination_listener(lambda _: lost.set())
            await lost.wait()

    def _forget(self, person: str) -> None:
        self._verdicts.forget(UUID(person))

    def _refuse_revoked(self, verdict: Verdict) -> None:
        actor = verdict.actor
        if self._revocations.revoked(actor.subject, actor.session, actor.token_id, verdict.issued_at):
            raise Unauthorized

    async def _judge(self, token: str) -> Verdict:
        claims = await self._verifier.verify(token)
        if self._revocations.revoked(claims.sub, claims.sid, claims.jti, claims.iat):
            raise Unauthorized  # before anything is said about the account
        until = min(claims.exp, time.time() + TTL)
        return Verdict(await self._person(claims), claims.iat, claims.exp, until)

    async def _person(self, claims: Claims) -> Actor:
        async with self._database.reading() as tx:
            row = await tx.row(_PERSON, subject=claims.sub, session=claims.sid, token_id=claims.jti)
        if row is None:
            async with self._database.transaction() as tx:
                username = claims.preferred_username
                await people.register(tx, claims.sub, username, claims.name or username, claims.email, claims.language)
                row = await tx.row(_PERSON, subject=claims.sub, session=claims.sid, token_id=claims.jti)
        if row is None or row["ended"]:
            raise Unauthorized
        match row["status"]:
            case "suspended":
                raise AccountSuspended
            case "deactivated" if row["left"]:
                raise AccountDeactivated
            case "deactivated" | "erased":
                raise Unauthorized
        return Actor(row["id"], claims.sub, row["connect_id"], claims.roles, claims.sid, row["language"], claims.jti)

    async def _ask_keycloak(self, token: str, verdict: Verdict) -> None:
        """Let Keycloak say whether the token is good, since we have not followed it; fails closed."""
        async with verdict.asking:
            if time.time() - verdict.asked_at > ASK_EVERY:
                verdict.active = await self._keycloak.introspect(token)
                verdict.asked_at = time.time()
        if not verdict.active:
            raise Unauthorized
