"""What the database keeps of a session's tokens."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from social_api.keycloak import Tokens
from social_api.sessions.refresh_tokens import Purpose, digest, seal


def kept(tokens: Tokens, refresh_token: str, earlier: Mapping[str, int]) -> dict[str, Any]:
    """Values for `queries.BEGIN` and `ROTATE`: Keycloak's `tokens`, of which the client gets `refresh_token` instead.

    `earlier` are the access tokens of the session so far; those that have expired are forgotten.
    """
    newest = jwt.decode(tokens.access_token, options={"verify_signature": False})  # just come from Keycloak itself
    living = {token: end for token, end in earlier.items() if end > time.time()}
    return {
        "token_hash": digest(refresh_token),
        "keycloak_token_": seal(tokens.refresh_token.encode(), refresh_token, Purpose.KEYCLOAK_TOKEN),
        "access_tokens_": {**living, newest["jti"]: newest["exp"]},
        "expires_at_": datetime.now(UTC) + timedelta(seconds=tokens.refresh_expires_in),
    }
