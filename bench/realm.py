"""A realm for many viewers at once: a signing key of its own, served where social_api looks for Keycloak's.

Keycloak's own sign-in of a thousand people would take longer than what is measured.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

KID = "bench"
GOOD_FOR_SECONDS = 3600


class Realm:
    """Signs tokens of `issuer`; `url` stands for Keycloak's address."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.url = ""
        self._key: RSAPrivateKey = generate_private_key(public_exponent=65537, key_size=2048)

    def keys(self) -> bytes:
        """What the realm publishes."""
        public = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return json.dumps({"keys": [{**public, "kid": KID, "alg": "RS256", "use": "sig"}]}).encode()

    def tokens(self, subjects: Sequence[str]) -> list[str]:
        """An access token for each."""
        return [self._token(subject) for subject in subjects]

    def _token(self, subject: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": "meton-api",
            "azp": "meton-web",
            "typ": "Bearer",
            "sub": subject,
            "sid": f"session of {subject}",
            "preferred_username": f"p{subject}",
            "iat": now,
            "exp": now + GOOD_FOR_SECONDS,
            "roles": ["member"],
        }
        return jwt.encode(claims, self._key, "RS256", headers={"kid": KID})


@contextmanager
def serving(issuer: str) -> Iterator[Realm]:
    """A realm whose keys can be asked for, for the length of the block."""
    realm = Realm(issuer)

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """The keys, whatever is asked."""
            body = realm.keys()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Keys) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        realm.url = f"http://127.0.0.1:{server.server_port}/auth"
        yield realm
        server.shutdown()
