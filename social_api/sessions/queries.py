"""What sessions ask of the database."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Text,
    Uuid,
    bindparam,
    cast,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB
from sqlalchemy.orm import aliased

from db.engine import Statement
from db.models import AuthSession, Revocation

SAME_ANSWER_FOR = timedelta(seconds=10)

_session_id = bindparam("session_id", type_=Uuid)
_user_id = bindparam("user_id", type_=Uuid)
_keycloak_session = bindparam("keycloak_session_", type_=Text)
_tokens = {
    "refresh_token_hash": bindparam("token_hash", type_=Text),
    "keycloak_token": bindparam("keycloak_token_", type_=BYTEA),
    "access_tokens": bindparam("access_tokens_", type_=JSONB),
    "expires_at": bindparam("expires_at_", type_=DateTime(timezone=True)),
}
_revoked = exists().where(Revocation.session == AuthSession.keycloak_session, Revocation.token.is_(None))
_live = AuthSession.ended_at.is_(None) & (AuthSession.expires_at > func.now()) & ~_revoked
_asked = aliased(AuthSession)


def _together(keycloak_session: ColumnElement[str]) -> Statement:
    """The living sessions of one Keycloak session.

    They are locked, always in one order: what becomes of a Keycloak session is decided by one request at a time.
    """
    return Statement(
        select(
            AuthSession.id,
            AuthSession.user_id,
            AuthSession.keycloak_session,
            AuthSession.refresh_token_hash,
            AuthSession.previous_token_hash,
            AuthSession.previous_answer,
            AuthSession.family_hash,
            AuthSession.keycloak_token,
            AuthSession.access_tokens,
            func.coalesce(AuthSession.previous_until > func.now(), False).label("repeatable"),
            cast(func.extract("epoch", AuthSession.expires_at - func.now()), Integer).label("lifetime"),
        )
        .where(AuthSession.keycloak_session == keycloak_session, _live)
        .order_by(AuthSession.id)
        .with_for_update(of=AuthSession)
    )


def _of(asked: ColumnElement[bool]) -> ColumnElement[str]:
    """The Keycloak session of the one asked for."""
    return select(_asked.keycloak_session).where(asked).scalar_subquery()


BY_FAMILY = _together(_of(_asked.family_hash == bindparam("family_hash", type_=Text)))
BY_ID = _together(_of((_asked.id == _session_id) & (_asked.user_id == _user_id)))
BY_KEYCLOAK_SESSION = _together(_keycloak_session)
BEGIN = Statement(
    insert(AuthSession)
    .values(
        user_id=_user_id,
        device_info=bindparam("device_info_", type_=JSONB),
        keycloak_session=_keycloak_session,
        family_hash=bindparam("family_hash", type_=Text),
        **_tokens,
    )
    .returning(AuthSession.id)
)
ROTATE = Statement(
    update(AuthSession)
    .where(AuthSession.id == _session_id)
    .values(
        previous_token_hash=AuthSession.refresh_token_hash,
        previous_answer=bindparam("previous_answer_", type_=BYTEA),
        previous_until=func.now() + SAME_ANSWER_FOR,
        refreshed_at=func.now(),
        **_tokens,
    )
)
LISTING = Statement(
    select(
        AuthSession.id,
        AuthSession.device_info,
        AuthSession.created_at,
        AuthSession.refreshed_at,
        AuthSession.expires_at,
        func.coalesce(func.jsonb_exists(AuthSession.access_tokens, bindparam("token_id", type_=Text)), False).label(
            "current"
        ),
    )
    .where(
        AuthSession.user_id == _user_id,
        _live,
        or_(
            bindparam("after_id", type_=Uuid).is_(None),
            tuple_(AuthSession.created_at, AuthSession.id)
            < tuple_(bindparam("after_time", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid)),
        ),
    )
    .order_by(AuthSession.created_at.desc(), AuthSession.id.desc())
    .limit(bindparam("limit"))
)
END = Statement(
    update(AuthSession)
    .where(AuthSession.id == func.any(bindparam("session_ids", type_=ARRAY(Uuid))))
    .values(ended_at=func.now(), previous_answer=None, keycloak_token=None)
)
_reason = bindparam("reason_", type_=Text)
REVOKE = Statement(insert(Revocation).values(session=_keycloak_session, reason=_reason))
REVOKE_TOKENS = Statement(
    insert(Revocation).from_select(
        ["session", "token", "reason"],
        select(_keycloak_session, func.unnest(bindparam("tokens", type_=ARRAY(Text))), _reason),
    )
)
