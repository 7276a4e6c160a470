"""Reading a request: who sends it, and its path, query and body as the types a handler asks for."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import msgspec
from aiohttp import web

from social_api.client import Client
from social_api.pages import DEFAULT_LIMIT, MAX_LIMIT, Cursors, Page
from social_api.problems import Invalid, Malformed, NotFound, Text, TooLarge, Unauthorized, UnsupportedMediaType
from social_api.settings import Network
from social_api.validation import invalid

REFRESH_COOKIE = "__Host-meton-refresh"
_BEARER = "Bearer "
_LONGEST_SEGMENT = 255


def bearer_token(request: web.Request) -> str:
    """The access token; raises Unauthorized when there is not exactly one."""
    values = request.headers.getall("Authorization", ())
    if len(values) != 1 or not values[0].startswith(_BEARER) or not values[0].isascii():
        raise Unauthorized
    return values[0][len(_BEARER) :]


def client_address(request: web.Request, gateways: tuple[Network, ...]) -> str:
    """Whose request it is: what the gateway says when the gateway asks, else who asks."""
    remote = request.remote or "127.0.0.1"
    forwarded = request.headers.get("X-Forwarded-For")
    if forwarded is not None and any(ip_address(remote) in network for network in gateways):
        try:
            return str(ip_address(forwarded.strip()))
        except ValueError:
            return remote
    return remote


def client(request: web.Request, gateways: tuple[Network, ...]) -> Client:
    """The program at the other end."""
    headers = request.headers
    return Client(
        address=client_address(request, gateways),
        user_agent=_readable(headers.get("User-Agent", ""))[:400],
        origin=headers.get("Origin"),
        fetch_site=headers.get("Sec-Fetch-Site"),
        refresh_cookie=request.cookies.get(REFRESH_COOKIE),
    )


def _readable(header: str) -> str:
    """A header without bytes that are no text: aiohttp keeps them as halves of signs, which no database takes."""
    return header.encode("utf-8", "replace").decode()


def path_uuid(text: str) -> UUID:
    """A path segment that is an id; raises NotFound for anything else, since nothing can be there."""
    try:
        value = UUID(text)
    except ValueError:
        raise NotFound from None
    if len(text) != 36:
        raise NotFound
    return value


def path_text(text: str) -> str:
    """A path segment that is a name; raises NotFound for one that nothing can have."""
    if len(text) > _LONGEST_SEGMENT or "\x00" in text:
        raise NotFound
    return text


PATH_TYPES: dict[type, Callable[[str], Any]] = {UUID: path_uuid, str: path_text}


class BodyReader:
    """Reads a JSON body of one type and at most `limit` bytes."""

    __slots__ = ("_decoder", "_limit")

    def __init__(self, type_: type[msgspec.Struct], limit: int) -> None:
        self._decoder = msgspec.json.Decoder(type_)
        self._limit = limit

    async def read(self, request: web.Request) -> bytes:
        """The bytes; raises UnsupportedMediaType and TooLarge."""
        if request.content_type != "application/json":
            raise UnsupportedMediaType
        if (request.content_length or 0) > self._limit:
            raise TooLarge(limit=self._limit)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise TooLarge(limit=self._limit) from None
        if len(body) > self._limit:
            raise TooLarge(limit=self._limit)
        return body

    def decode(self, body: bytes) -> Any:
        """The value; raises Malformed for what is no JSON and Invalid for what does not fit."""
        try:
            return self._decoder.decode(body)
        except msgspec.ValidationError as error:
            raise invalid(str(error)) from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Malformed from None


class QueryReader:
    """Reads the query of one route: the fields of `type_`, and `cursor` and `limit` where it answers pages."""

    __slots__ = ("_cursors", "_type")

    def __init__(self, type_: type[msgspec.Struct] | None, cursors: Cursors | None) -> None:
        self._type = type_
        self._cursors = cursors

    def read(self, request: web.Request) -> tuple[Any, Page | None]:
        """The query's value and page, each None when the route has none; raises Invalid."""
        given = dict(request.query)
        if len(given) != len(request.query):
            raise Invalid(("", Text("Give each parameter once.", "हर पैरामीटर एक ही बार दें।")))
        page = None if self._cursors is None else _page(given, self._cursors)
        if self._type is None:
            if given:
                unknown = Text("There is no such parameter.", "ऐसा कोई पैरामीटर नहीं है।")
                raise Invalid(*((name, unknown) for name in given))
            return None, page
        try:
            return msgspec.convert(given, self._type, strict=False), page
        except msgspec.ValidationError as error:
            raise invalid(str(error)) from None


def _page(given: dict[str, str], cursors: Cursors) -> Page:
    text = given.pop("limit", None)
    limit = DEFAULT_LIMIT if text is None else int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid(("limit", Text(f"1 to {MAX_LIMIT}.", f"1 से {MAX_LIMIT} तक।")))
    return Page(limit, given.pop("cursor", None), cursors)
