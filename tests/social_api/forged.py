"""Tokens that must not be taken: each is good but for the one thing that its name says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_ec_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.realm import KID, public_jwk, signing_key

Object = dict[str, Any]


def good_claims(issuer: str) -> Object:
    """What an access token of `meton-web` says."""
    now = int(time.time())
    return {
        "exp": now + 300,
        "iat": now,
        "iss": issuer,
        "aud": "meton-api",
        "azp": "meton-web",
        "typ": "Bearer",
        "sub": "11111111-1111-4111-8111-111111111111",
        "sid": "22222222-2222-4222-8222-222222222222",
        "preferred_username": "mallory",
        "roles": ["member"],
    }


def signed(claims: Object, key: RSAPrivateKey | None = None, **header: Any) -> str:
    """RS256 with `key`, by default the realm's; a header member that is None is left out."""
    members = {"alg": "RS256", "typ": "JWT", "kid": KID, **header}
    message = f"{_segment({k: v for k, v in members.items() if v is not None})}.{_segment(claims)}"
    signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(
        message.encode(), key or signing_key()
    )
    return f"{message}.{_base64(signature)}"


def claims_gone_wrong(issuer: str) -> Iterator[tuple[str, Object]]:
    """Properly signed, but saying the wrong thing."""
    now = int(time.time())
    wrong: dict[str, Object] = {
        "expired a second ago": {"exp": now - 1},
        "expired long ago": {"exp": now - 10_000, "iat": now - 10_300},
        "not valid yet": {"nbf": now + 3600},
        "issued in the future": {"iat": now + 3600, "exp": now + 3900},
        "living for a year": {"exp": now + 31_536_000},
        "of another realm": {"iss": issuer.replace("meton", "master")},
        "issuer with a slash more": {"iss": f"{issuer}/"},
        "issuer in capitals": {"iss": issuer.upper()},
        "for another audience": {"aud": "account"},
        "for many others": {"aud": ["account", "synapse"]},
        "audience only begins alike": {"aud": "meton-api-2"},
        "of another client": {"azp": "synapse"},
        "of the service account": {"azp": "meton-backend", "aud": "account", "preferred_username": "service-account"},
        "an id token": {"typ": "ID", "aud": "meton-web"},
        "an id token for the API": {"typ": "ID"},
        "a refresh token": {"typ": "Refresh", "aud": issuer},
        "an offline token": {"typ": "Offline"},
        "subject empty": {"sub": ""},
        "subject a number": {"sub": 1},
        "subject a list": {"sub": ["a"]},
        "expiry as text": {"exp": str(now + 300)},
        "expiry a boolean": {"exp": True},
        "username missing": {"preferred_username": None},
        "roles as text": {"roles": "admin"},
    }
    for claim in ("exp", "iat", "iss", "aud", "azp", "typ", "sub"):
        wrong[f"without {claim}"] = {claim: None}
    for name, changes in wrong.items():
        yield name, {k: v for k, v in {**good_claims(issuer), **changes}.items() if v is not None}


def headers_gone_wrong(issuer: str) -> Iterator[tuple[str, str]]:
    """Good claims under a header that plays tricks."""
    claims, mallorys = good_claims(issuer), generate_private_key(65537, 2048)
    pem = signing_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    jwk = json.dumps(public_jwk(KID)).encode()
    yield "alg none", jwt.encode(claims, None, algorithm="none", headers={"kid": KID})
    for alg in ("None", "NONE", "nOnE"):
        yield f"alg {alg}", f"{_segment({'alg': alg, 'typ': 'JWT', 'kid': KID})}.{_segment(claims)}."
    yield "HS256 with the public key as secret", _hs256(claims, pem)
    yield "HS256 with the JWK as secret", _hs256(claims, jwk)
    yield "HS256 with the kid as secret", _hs256(claims, KID.encode())
    yield "HS256 with nothing as secret", _hs256(claims, b"")
    yield "PS256", jwt.encode(claims, signing_key(), "PS256", headers={"kid": KID})
    yield "RS384", jwt.encode(claims, signing_key(), "RS384", headers={"kid": KID})
    yield "ES256", jwt.encode(claims, new_ec_key(SECP256R1()), "ES256", headers={"kid": KID})
    yield "alg a list", signed(claims, alg=["RS256"])
    yield "alg missing", signed(claims, alg=None)
    yield "another key under our kid", signed(claims, mallorys)
    kids: list[Any] = [
        None, "", "unknown", "../../../../etc/passwd", "/dev/null", "' OR 1=1 --", "http://evil.example/key",
        [KID], {"kid": KID}, 1, True, f"{KID}\x00", f" {KID}", KID.upper(), "k" * 5000,
    ]  # fmt: skip
    for kid in kids:
        yield f"kid {str(kid)[:30]!r}", signed(claims, mallorys if kid != [KID] else None, kid=kid)
    tricks: Object = {
        "jku": "http://evil.example/jwks.json",
        "x5u": "http://evil.example/cert.pem",
        "jwk": public_jwk("mallory", mallorys),
        "x5c": ["MIIB"],
        "crit": ["exp"],
        "b64": False,
        "zip": "DEF",
        "cty": "JWT",
    }
    for member, value in tricks.items():
        yield f"{member} and mallory's key", signed(claims, mallorys, **{member: value})
        yield f"{member} and our key", signed(claims, **{member: value})
    yield "typ of a logout token", signed(claims, typ="logout+jwt")


def broken(issuer: str) -> Iterator[tuple[str, str]]:
    """What is hardly a token."""
    good = signed(good_claims(issuer))
    head, payload, signature = good.split(".")
    yield "nothing", ""
    yield "one dot", "."
    yield "dots", ".."
    yield "many dots", "." * 100
    yield "text", "let me in"
    yield "without signature", f"{head}.{payload}"
    yield "empty signature", f"{head}.{payload}."
    yield "empty payload", f"{head}..{signature}"
    yield "empty header", f".{payload}.{signature}"
    yield "a part too many", f"{good}.{signature}"
    yield "an encrypted token's five parts", f"{good}.{payload}.{signature}"
    yield "cut short", good[:-20]
    yield "padded", f"{good}=="
    yield "a blank inside", f"{head}. {payload}.{signature}"
    yield "another's payload", f"{head}.{_segment({**good_claims(issuer), 'sub': 'bob'})}.{signature}"
    yield "another signature", f"{head}.{payload}.{_base64(b'x' * 256)}"
    yield "signature of zeros", f"{head}.{payload}.{_base64(bytes(256))}"
    yield "plain base64", f"{head}.{payload}.{base64.b64encode(b'?>' * 128).decode()}"
    yield "huge", f"{head}.{_base64(b'x' * 15_000)}.{signature}"
    yield "header no JSON", f"{_base64(b'{')}.{payload}.{signature}"
    yield "header a list", f"{_segment([])}.{payload}.{signature}"
    yield "header null", f"{_segment(None)}.{payload}.{signature}"
    yield "payload a list", _resigned(_segment([]))
    yield "payload no JSON", _resigned(_base64(b"{"))
    yield "quoted", f'"{good}"'


def every(issuer: str) -> dict[str, str]:
    """The whole corpus."""
    corpus = {f"claims: {name}": signed(claims) for name, claims in claims_gone_wrong(issuer)}
    corpus |= {f"header: {name}": token for name, token in headers_gone_wrong(issuer)}
    return corpus | {f"broken: {name}": token for name, token in broken(issuer)}


def _resigned(payload: str) -> str:
    message = f"{_segment({'alg': 'RS256', 'typ': 'JWT', 'kid': KID})}.{payload}"
    algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
    return f"{message}.{_base64(algorithm.sign(message.encode(), signing_key()))}"


def _hs256(claims: Object, secret: bytes) -> str:
    message = f"{_segment({'alg': 'HS256', 'typ': 'JWT', 'kid': KID})}.{_segment(claims)}"
    return f"{message}.{_base64(hmac.digest(secret, message.encode(), hashlib.sha256))}"


def _segment(value: Any) -> str:
    return _base64(json.dumps(value).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
