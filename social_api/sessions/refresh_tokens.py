"""Refresh tokens are kept as hashes; the answer to the last one is kept so that only its holder can read it."""

from __future__ import annotations

import hashlib
import os
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from social_api.sessions.schemas import SessionTokens

_NONCE_BYTES = 12


def digest(refresh_token: str) -> str:
    """What the database knows of a refresh token."""
    return hashlib.sha256(refresh_token.encode()).hexdigest()


def seal(answer: SessionTokens, session_id: UUID, refresh_token: str) -> bytes:
    """`answer`, readable for whoever holds `refresh_token`."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + _cipher(session_id, refresh_token).encrypt(nonce, msgspec.json.encode(answer), None)


def unseal(sealed: bytes, session_id: UUID, refresh_token: str) -> SessionTokens | None:
    """The answer sealed for this token; None when it was sealed for another."""
    nonce, encrypted = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        plain = _cipher(session_id, refresh_token).decrypt(nonce, encrypted, None)
    except InvalidTag:
        return None
    return msgspec.json.decode(plain, type=SessionTokens)


def _cipher(session_id: UUID, refresh_token: str) -> AESGCM:
    key = HKDF(SHA256(), length=32, salt=session_id.bytes, info=b"meton refresh answer").derive(refresh_token.encode())
    return AESGCM(key)
