"""Is this an access token of our realm, for this API? Signature, header and claims, with no trust in what it says."""

from __future__ import annotations

import re
import time
from typing import Annotated, Any, Literal

import jwt
import msgspec

from social_api.auth.jwks import KeySet
from social_api.problems import Unauthorized

AUDIENCE = "meton-api"
ALLOWED_PARTIES = frozenset({"meton-web"})
MAX_LIFETIME = 3600
"""Seconds. No token that lives longer is taken, so no revocation need be remembered longer."""

_MAX_LENGTH = 8192
_SKEW = 5
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_OPTIONS: Any = {"require": ["exp", "iat", "iss", "aud", "sub"], "strict_aud": False}


class Header(msgspec.Struct, forbid_unknown_fields=True):
    """The only header we read: another member (jku, jwk, x5u, crit …) would point to another key or way of reading."""

    alg: Literal["RS256"]
    kid: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    typ: Literal["JWT"]


Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class Claims(msgspec.Struct, frozen=True):
    """What a good token says."""

    sub: Name
    preferred_username: Name
    azp: str
    typ: Literal["Bearer"]
    exp: int
    iat: int
    sid: Name | None = None
    jti: Name | None = None
    name: str | None = None
    email: str | None = None
    locale: str | None = None
    roles: frozenset[str] = frozenset()

    @property
    def language(self) -> str:
        """The language that the person chose at Keycloak, English when it is none of ours."""
        return "hi" if self.locale == "hi" else "en"


_header = msgspec.json.Decoder(Header)


class Verifier:
    """Judges tokens of one issuer."""

    def __init__(self, keys: KeySet, issuer: str) -> None:
        self._keys = keys
        self._issuer = issuer

    async def verify(self, token: str) -> Claims:
        """The claims of a good token; raises Unauthorized for any other, Unavailable while no key is known."""
        key = await self._keys.find(_read_header(token).kid)
        if key is None:
            raise Unauthorized
        try:
            payload = jwt.decode(
                token, key, ["RS256"], options=_OPTIONS, audience=AUDIENCE, issuer=self._issuer, leeway=_SKEW
            )
            claims = msgspec.convert(payload, Claims)
        except (jwt.InvalidTokenError, msgspec.ValidationError):
            raise Unauthorized from None
        if claims.azp not in ALLOWED_PARTIES or claims.exp <= time.time() or claims.exp - claims.iat > MAX_LIFETIME:
            raise Unauthorized
        return claims


def _read_header(token: str) -> Header:
    if len(token) > _MAX_LENGTH or _SHAPE.fullmatch(token) is None:
        raise Unauthorized
    encoded = token.partition(".")[0]
    try:
        return _header.decode(jwt.utils.base64url_decode(encoded))
    except (msgspec.MsgspecError, ValueError):
        raise Unauthorized from None
