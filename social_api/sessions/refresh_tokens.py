"""The refresh tokens of the API: random, kept as hashes, each also the key to what is kept for its holder alone.

A token is `family.secret`. All tokens of one sign-in have the family in common, so one that was used long ago still
says which session was copied; nobody but their holders knows it. Keycloak's own refresh token never leaves the API: its
holder could ask Keycloak behind our back for access tokens of a session that has ended here.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from enum import Enum

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_FAMILY_BYTES = 16
_SECRET_BYTES = 32
_NONCE_BYTES = 12
_SHAPE = re.compile(r"(?P<family>[A-Za-z0-9_-]{22})\.[A-Za-z0-9_-]{43}", re.ASCII)


class Purpose(Enum):
    """What is sealed for the holder of a token; what was sealed as one thing cannot be read as another."""

    ANSWER = b"meton refresh answer"
    KEYCLOAK_TOKEN = b"meton keycloak refresh token"


def first() -> str:
    """The first token of a new sign-in."""
    return _with(secrets.token_urlsafe(_FAMILY_BYTES))


def following(token: str) -> str:
    """The one to be used after `token`."""
    return _with(token.partition(".")[0])


def family(token: str) -> str | None:
    """What the tokens of one sign-in have in common; None for what was never a token of ours."""
    found = _SHAPE.fullmatch(token)
    return found["family"] if found else None


def digest(text: str) -> str:
    """What the database knows of a token, and of its family."""
    return hashlib.sha256(text.encode()).hexdigest()


def seal(plain: bytes, token: str, purpose: Purpose) -> bytes:
    """`plain`, readable for whoever holds `token`."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(token, purpose).encrypt(nonce, plain, None)


def unseal(sealed: bytes, token: str, purpose: Purpose) -> bytes:
    """What was sealed with this token for this purpose; raises InvalidTag for anything else."""
    return _cipher(token, purpose).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)


def _with(family_: str) -> str:
    return f"{family_}.{secrets.token_urlsafe(_SECRET_BYTES)}"


def _cipher(token: str, purpose: Purpose) -> AESGCM:
    return AESGCM(HKDF(SHA256(), length=32, salt=None, info=purpose.value).derive(token.encode()))
