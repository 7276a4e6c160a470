"""The signed-in person, as handlers see them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a request: a `users` row together with what their access token says."""

    user_id: UUID
    """`users.id`."""
    subject: str
    """Keycloak's `sub`."""
    connect_id: str
    """The handle, `username@meton`."""
    roles: frozenset[str]
    """Realm roles of the token: member, moderator, admin and names we do not know."""
    session: str | None
    """Keycloak's `sid`: the session that this token belongs to."""
    language: str
    """The person's own language, `en` or `hi`."""
    token_id: str | None = None
    """The token's `jti`."""
