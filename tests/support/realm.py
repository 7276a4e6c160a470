"""A realm of the tests' own: the public keys and the introspection of an issuer, and tokens signed by it.

What a real Keycloak does stands in tests/journeys; here the tests need tokens that no Keycloak would give.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

KID = "test-key"


@cache
def signing_key() -> RSAPrivateKey:
    """One key for all tests of a run: making one takes a while."""
    return generate_private_key(public_exponent=65537, key_size=2048)


def public_jwk(kid: str, key: RSAPrivateKey | None = None) -> dict[str, Any]:
    """How a realm publishes a signing key."""
    jwk = RSAAlgorithm.to_jwk((key or signing_key()).public_key(), as_dict=True)
    return {**jwk, "kid": kid, "alg": "RS256", "use": "sig"}


class Realm:
    """An issuer; `url` is its address up to and including `/auth`, which stands for Keycloak's.

    Introspection says that a token in `ended` is not active; a code in `codes` is redeemed for its access token; while
    `is_up` is false, nothing is answered.
    """

    def __init__(self) -> None:
        self.url = ""
        self.is_up = True
        self.ended: set[str] = set()
        self.codes: dict[str, str] = {}
        self.introspections = 0

    async def answer_keys(self, _request: web.Request) -> web.Response:
        """The signing key, and one for encryption as Keycloak has it too."""
        if not self.is_up:
            raise web.HTTPServiceUnavailable
        return web.json_response({"keys": [public_jwk(KID), {**public_jwk("for-encryption"), "use": "enc"}]})

    async def answer_introspection(self, request: web.Request) -> web.Response:
        """Whether the token is good now."""
        if not self.is_up:
            raise web.HTTPServiceUnavailable
        self.introspections += 1
        return web.json_response({"active": (await request.post())["token"] not in self.ended})

    async def answer_code(self, request: web.Request) -> web.Response:
        """Tokens for an authorization code."""
        token = self.codes.pop(str((await request.post())["code"]), None)
        if token is None:
            raise web.HTTPBadRequest
        refresh = {"refresh_token": f"refreshes {token}", "refresh_expires_in": 1800}
        return web.json_response({"access_token": token, "expires_in": 300, **refresh})

    def subject(self, username: str) -> str:
        """The `sub` of a person: the same for the same name."""
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, username))

    def token(self, issuer: str, username: str, **claims: Any) -> str:
        """A good access token; `claims` are put over the usual ones."""
        now = int(time.time())
        usual = {
            "iss": issuer,
            "aud": "meton-api",
            "azp": "meton-web",
            "typ": "Bearer",
            "sub": self.subject(username),
            "sid": f"session-of-{username}",
            "preferred_username": username,
            "name": username.capitalize(),
            "iat": now,
            "exp": now + 300,
            "roles": ["member"],
        }
        return jwt.encode(usual | claims, signing_key(), "RS256", headers={"kid": KID})


@asynccontextmanager
async def realm(name: str = "meton") -> AsyncIterator[Realm]:
    """Serve the realm for the length of the block."""
    served = Realm()
    app = web.Application()
    endpoint = f"/auth/realms/{name}/protocol/openid-connect"
    app.router.add_get(f"{endpoint}/certs", served.answer_keys)
    app.router.add_post(f"{endpoint}/token", served.answer_code)
    app.router.add_post(f"{endpoint}/token/introspect", served.answer_introspection)
    async with TestServer(app) as server:
        served.url = str(server.make_url("/auth"))
        yield served
