"""What Keycloak's events mean to us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from event_worker.keycloak import AdminEvent, UserEvent

_PERSON = re.compile(r"users/(?P<subject>[0-9a-f-]{36})(?P<logout>/logout)?", re.ASCII)
_SESSION = re.compile(r"sessions/(?P<session>[\w.-]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """Somebody's account changed; Keycloak says what it is now."""

    id: UUID
    at: datetime
    subject: str
    reason: str
    ended: bool
    """All sessions up to `at` have ended, whatever the account is now."""
    by: str | None = None
    """The administrator's subject, if it was one."""


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """One login has ended."""

    id: UUID
    at: datetime
    session: str
    reason: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class EverybodyEnded:
    """All sessions of the realm up to `at` have ended."""

    id: UUID
    at: datetime
    reason: str
    by: str | None = None


Change = PersonChanged | SessionEnded | EverybodyEnded


class _Sent(msgspec.Struct):
    enabled: bool | None = None


def of_administrator(event: AdminEvent, own_subject: str) -> Change | None:
    """What an administrator's act means; None for what does not concern us, and for our own acts (`own_subject`)."""
    by = event.auth_details.get("userId")
    if by == own_subject:
        return None
    id, at, act = UUID(event.id), _moment(event.time), (event.resource_type, event.operation_type)
    if act == ("REALM", "ACTION") and event.resource_path == "logout-all":
        return EverybodyEnded(id, at, "realm logged out", by)
    if act == ("USER_SESSION", "DELETE") and (login := _SESSION.fullmatch(event.resource_path)):
        return SessionEnded(id, at, login["session"], "session deleted", by)
    if event.resource_type != "USER" or not (person := _PERSON.fullmatch(event.resource_path)):
        return None
    if person["logout"]:
        return PersonChanged(id, at, person["subject"], "logged out by administrator", ended=True, by=by)
    if event.operation_type == "DELETE":
        return PersonChanged(id, at, person["subject"], "account deleted", ended=True, by=by)
    # an account enabled again a second later is enabled when we ask, but its sessions were to end
    return PersonChanged(id, at, person["subject"], "account changed", ended=_disables(event), by=by)


def of_person(event: UserEvent) -> Change | None:
    """What a person's own act means; None for what does not concern us."""
    id, at = UUID(event.id), _moment(event.time)
    if event.type == "LOGOUT":
        return SessionEnded(id, at, event.session_id, "logged out") if event.session_id else None
    if event.user_id is None:
        return None
    deleted = event.type == "DELETE_ACCOUNT"
    return PersonChanged(id, at, event.user_id, "account deleted" if deleted else "account locked", ended=deleted)


def _disables(event: AdminEvent) -> bool:
    if event.operation_type != "UPDATE" or event.representation is None:
        return False
    try:
        return msgspec.json.decode(event.representation, type=_Sent).enabled is False
    except msgspec.DecodeError:  # cut off by the database's limit: what the account is now decides alone
        return False


def _moment(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)
