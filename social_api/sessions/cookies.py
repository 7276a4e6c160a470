"""The browser's refresh token: in a cookie that no script reads and no other site sends."""

from __future__ import annotations

import msgspec

from social_api.client import Client
from social_api.problems import CrossSite
from social_api.requests import REFRESH_COOKIE
from social_api.route import Reply
from social_api.sessions.schemas import SessionTokens

_ATTRIBUTES = "Path=/; HttpOnly; Secure; SameSite=Strict"
FORGET = ("Set-Cookie", f"{REFRESH_COOKIE}=; Max-Age=0; {_ATTRIBUTES}")


def refuse_cross_site(client: Client, public_url: str) -> None:
    """Raise CrossSite unless a browser says that a page of ours is asking."""
    same = client.fetch_site == "same-origin" if client.fetch_site is not None else client.origin == public_url
    if not same:
        raise CrossSite


def in_cookie(tokens: SessionTokens, lifetime: int) -> Reply[SessionTokens]:
    """The answer to a browser: the refresh token goes into the cookie for `lifetime` seconds, and out of the body."""
    cookie = f"{REFRESH_COOKIE}={tokens.refresh_token}; Max-Age={lifetime}; {_ATTRIBUTES}"
    return Reply(msgspec.structs.replace(tokens, refresh_token=None), (("Set-Cookie", cookie),))
