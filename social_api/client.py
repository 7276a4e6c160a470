"""What a request says about the program that made it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Client:
    """The other end of the connection; a handler gets it by asking for `client: Client`."""

    address: str
    """IP address, as the gateway saw it."""
    user_agent: str
    """At most 400 characters; empty when there was none."""
    origin: str | None
    """The `Origin` header: set by browsers on everything but plain navigation and same-origin GET."""
    fetch_site: str | None
    """The `Sec-Fetch-Site` header: set by browsers only."""
    refresh_cookie: str | None
    """The refresh token of a browser."""
