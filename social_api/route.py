"""One line of the API: `Route`, and the words it is written with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import KW_ONLY, dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any, Generic, TypeVar

import msgspec

from social_api.problems import Problem


class Auth(Enum):
    """Who may call a route."""

    SIGNED_IN = "signed in"
    ANYONE = "anyone"


SIGNED_IN = Auth.SIGNED_IN
ANYONE = Auth.ANYONE


@dataclass(frozen=True, slots=True)
class Limit:
    """A rate limit: `burst` requests at once, and `per_minute` on average, for one person or address."""

    name: str
    per_minute: int
    burst: int


READS = Limit("reads", per_minute=1200, burst=200)
WRITES = Limit("writes", per_minute=120, burst=40)
UPLOADS = Limit("uploads", per_minute=20, burst=20)
SIGN_IN = Limit("sign-in", per_minute=30, burst=20)

Handler = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """One route. The handler is a plain coroutine; it gets, by parameter name, what it asks for:

    `actor: Actor` · `tx: Transaction` (GET: reads without BEGIN; else one transaction: returning commits, raising
    rolls back) · `body` (decoded as `body=`) · `query` (decoded as `query=`) · `page: Page` (`?cursor=&limit=`) · path
    parameters (`UUID` or `str`; what is no UUID is answered 404, as is all that does not exist) · `client: Client` ·
    `request_id: str` (for `outbox.emit`) · any field of `Services`, by its name.

    A handler that talks to another system asks for `database: Database` in place of `tx`, so that no connection is held
    meanwhile. It returns what `returns` says (None: an empty answer), or a `Reply` when it must set a header.
    The first line of its docstring is the summary in the API document, the rest the description.
    """

    method: str
    path: str
    handler: Handler
    _: KW_ONLY
    body: type[msgspec.Struct] | None = None
    query: type[msgspec.Struct] | None = None
    returns: Any = None
    status: int = HTTPStatus.OK
    auth: Auth = SIGNED_IN
    roles: frozenset[str] = frozenset()
    """Realm roles, of which the person needs one; for everybody else the route is not there."""
    limit: Limit = READS
    idempotent: bool = False
    """Takes an `Idempotency-Key`. Needs `tx`."""
    problems: tuple[type[Problem], ...] = ()
    """What the handler itself may raise; what the adapter may raise is known."""
    max_body: int = 64 * 1024
    """Bytes."""
    summary: str = ""
    """In place of the first line of the handler's docstring."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """An answer with headers of its own; a header may be there more than once (`Set-Cookie`)."""

    value: T
    headers: tuple[tuple[str, str], ...]
