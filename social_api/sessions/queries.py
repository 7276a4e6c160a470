"""What sessions ask of the database."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import DateTime, Integer, Text, Uuid, bindparam, cast, exists, func, insert, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

from db.engine import Statement
from db.models import AuthSession, Revocation

SAME_ANSWER_FOR = timedelta(seconds=10)

_session_id = bindparam("session_id", type_=Uuid)
_user_id = bindparam("user_id", type_=Uuid)
_keycloak_session = bindparam("keycloak_session_", type_=Text)
_token_hash = bindparam("token_hash", type_=Text)
_expires_at = bindparam("expires_at_", type_=DateTime(timezone=True))
_revoked = exists().where(Revocation.session == AuthSession.keycloak_session)
_live = AuthSession.ended_at.is_(None) & (AuthSession.expires_at > func.now()) & ~_revoked
_columns = (
    AuthSession.id,
    AuthSession.user_id,
    AuthSession.keycloak_session,
    AuthSession.previous_answer,
    _live.label("live"),
    func.coalesce(AuthSession.previous_until > func.now(), False).label("repeatable"),
    cast(func.extract("epoch", AuthSession.expires_at - func.now()), Integer).label("lifetime"),
)

# Signing in again in a browser that Keycloak knows gives the same Keycloak session: the device's row goes on with it.
TAKE_OVER = Statement(
    update(AuthSession)
    .where(AuthSession.keycloak_session == _keycloak_session, AuthSession.user_id == _user_id, _live)
    .values(
        refresh_token_hash=_token_hash,
        device_info=bindparam("device_info_", type_=JSONB),
        expires_at=_expires_at,
        refreshed_at=func.now(),
        previous_token_hash=None,
        previous_answer=None,
        previous_until=None,
    )
    .returning(AuthSession.id)
)
BEGIN = Statement(
    insert(AuthSession)
    .values(
        user_id=_user_id,
        refresh_token_hash=_token_hash,
        device_info=bindparam("device_info_", type_=JSONB),
        expires_at=_expires_at,
        keycloak_session=_keycloak_session,
    )
    .returning(AuthSession.id)
)
BY_TOKEN = Statement(select(*_columns).where(AuthSession.refresh_token_hash == _token_hash).with_for_update())
BY_PREVIOUS_TOKEN = Statement(select(*_columns).where(AuthSession.previous_token_hash == _token_hash).with_for_update())
ROTATE = Statement(
    update(AuthSession)
    .where(AuthSession.id == _session_id)
    .values(
        refresh_token_hash=_token_hash,
        previous_token_hash=AuthSession.refresh_token_hash,
        previous_answer=bindparam("previous_answer_", type_=BYTEA),
        previous_until=func.now() + SAME_ANSWER_FOR,
        refreshed_at=func.now(),
        expires_at=_expires_at,
    )
)
LISTING = Statement(
    select(
        AuthSession.id,
        AuthSession.device_info,
        AuthSession.created_at,
        AuthSession.refreshed_at,
        AuthSession.expires_at,
        AuthSession.keycloak_session,
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
    .where(AuthSession.id == _session_id, AuthSession.user_id == _user_id, _live)
    .values(ended_at=func.now(), previous_answer=None)
    .returning(AuthSession.keycloak_session)
)
END_BY_KEYCLOAK_SESSION = Statement(
    update(AuthSession)
    .where(AuthSession.keycloak_session == _keycloak_session, AuthSession.user_id == _user_id, _live)
    .values(ended_at=func.now(), previous_answer=None)
)
REVOKE = Statement(insert(Revocation).values(session=_keycloak_session, reason=bindparam("reason_", type_=Text)))
