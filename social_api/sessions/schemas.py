"""Sessions on the wire."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from social_api.moments import Moment

Transport = Literal["body", "cookie"]


class Device(Struct, frozen=True, forbid_unknown_fields=True):
    """What a person will know the session by."""

    name: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\u0000-\u001f]*$", examples=["Alice's phone"])]
    platform: Literal["web", "android", "ios", "desktop", "other"] = "other"


class NewSession(Struct, frozen=True, forbid_unknown_fields=True):
    """An authorization code that Keycloak gave to the client `meton-web`, and the PKCE verifier that belongs to it.

    Browsers ask for `transport: "cookie"`: then no script ever sees the refresh token.
    """

    code: Annotated[str, Meta(min_length=1, max_length=2048, examples=["0f5c…"])]
    code_verifier: Annotated[str, Meta(min_length=43, max_length=128, pattern=r"^[A-Za-z0-9._~-]+$")]
    redirect_uri: Annotated[str, Meta(min_length=1, max_length=2048, examples=["http://localhost:8080/cb/"])]
    device: Device | None = None
    transport: Transport = "body"


class Refresh(Struct, frozen=True, forbid_unknown_fields=True):
    """The refresh token, unless the cookie has it (`transport: "cookie"`)."""

    refresh_token: Annotated[str, Meta(min_length=1, max_length=8192)] | None = None
    transport: Transport = "body"


class SessionTokens(Struct):
    """Tokens of a session. `refresh_token` is null when it travels in the cookie."""

    session_id: UUID
    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str | None


class SessionView(Struct, frozen=True):
    """One signed-in device; `current` is the one that asks."""

    id: UUID
    device: Device | None
    created_at: Moment
    refreshed_at: Moment | None
    expires_at: Moment
    current: bool
