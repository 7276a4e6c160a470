"""Tokens found good a moment ago, so that a signature is checked once a minute and not on every request."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from uuid import UUID

from social_api.auth.actor import Actor

TTL = 60
"""Seconds that a verdict is kept; what may change meanwhile (revocation, expiry) is looked at on each use."""
CAPACITY = 20_000


@dataclass(slots=True)
class Verdict:
    """What was found about one token."""

    actor: Actor
    issued_at: int
    """`iat`, epoch seconds."""
    expires_at: int
    """`exp`, epoch seconds."""
    until: float
    """When the verdict must be found anew, epoch seconds; never after `expires_at`."""
    asked_at: float = float("-inf")
    """When Keycloak itself was last asked, epoch seconds."""
    active: bool = True
    """What it answered."""
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


class Verdicts:
    """A bounded cache by SHA-256 of the token, so that memory holds no tokens; the least recently used goes first."""

    __slots__ = ("_capacity", "_known")

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._known: OrderedDict[bytes, Verdict] = OrderedDict()

    def get(self, token: str, now: float) -> Verdict | None:
        """The verdict on `token`, unless it is too old."""
        digest = hashlib.sha256(token.encode()).digest()
        verdict = self._known.get(digest)
        if verdict is None:
            return None
        if verdict.until <= now:
            del self._known[digest]
            return None
        self._known.move_to_end(digest)
        return verdict

    def forget(self, person: UUID) -> None:
        """Find out anew about this person, of whom something changed."""
        for digest in [digest for digest, verdict in self._known.items() if verdict.actor.user_id == person]:
            del self._known[digest]

    def put(self, token: str, verdict: Verdict) -> None:
        """Remember `verdict`."""
        self._known[hashlib.sha256(token.encode()).digest()] = verdict
        if len(self._known) > self._capacity:
            self._known.popitem(last=False)
