"""The realm's signing keys."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from social_api.problems import Unavailable

_log = structlog.get_logger()
_MINIMUM_BITS = 2048


class KeySet:
    """Public keys by `kid`, each good for RS256 signatures and nothing else.

    The set is what Keycloak published last, so a rotated key stays while Keycloak lists it and goes when it does not.
    An unknown `kid` asks Keycloak again: one request at a time, and at most one in `interval` seconds.
    """

    def __init__(self, fetch: Callable[[], Awaitable[list[dict[str, Any]]]], *, interval: float = 10.0) -> None:
        self._fetch = fetch
        self._interval = interval
        self._keys: dict[str, RSAPublicKey] = {}
        self._asked_at = float("-inf")
        self._lock = asyncio.Lock()

    @property
    def loaded(self) -> bool:
        """Whether any key is known."""
        return bool(self._keys)

    async def find(self, kid: str) -> RSAPublicKey | None:
        """The key, or None; raises Unavailable while Keycloak has never told us any."""
        key = self._keys.get(kid)
        if key is None:
            await self._ask_again()
            key = self._keys.get(kid)
        if key is None and not self._keys:
            raise Unavailable
        return key

    async def refresh(self) -> None:
        """Take the keys published now; keeps those we have and raises Unavailable when there is no proper answer."""
        async with self._lock:
            await self._load()

    async def _ask_again(self) -> None:
        async with self._lock:
            if time.monotonic() - self._asked_at < self._interval:
                return
            try:
                await self._load()
            except Unavailable:
                _log.warning("signing keys not refreshed")

    async def _load(self) -> None:
        self._asked_at = time.monotonic()
        keys = {jwk["kid"]: key for jwk in await self._fetch() if (key := _signing_key(jwk)) is not None}
        if not keys:
            raise Unavailable
        self._keys = keys


def _signing_key(jwk: dict[str, Any]) -> RSAPublicKey | None:
    """The key of a JWK for RS256 signatures, strong enough; None for any other (Keycloak lists encryption keys too)."""
    purpose = jwk.get("kty"), jwk.get("use"), jwk.get("alg")
    if purpose != ("RSA", "sig", "RS256") or not isinstance(jwk.get("kid"), str):
        return None
    try:
        key = RSAAlgorithm.from_jwk(jwk)
    except InvalidKeyError:
        return None
    return key if isinstance(key, RSAPublicKey) and key.key_size >= _MINIMUM_BITS else None
