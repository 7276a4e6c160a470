"""The OpenAPI 3.1 document, worked out from the routes: what the adapter does is what the document says."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from http import HTTPStatus
from itertools import groupby
from typing import Any, get_type_hints
from uuid import UUID

import msgspec

from social_api.examples import ID, example
from social_api.idempotency import HEADER
from social_api.pages import DEFAULT_LIMIT, MAX_LIMIT
from social_api.problems import (
    AccountDeactivated,
    AccountSuspended,
    BadCursor,
    FieldError,
    IdempotencyKeyReused,
    InternalError,
    Invalid,
    Malformed,
    NotFound,
    Problem,
    RequestInFlight,
    Text,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnsupportedMediaType,
)
from social_api.route import ANYONE, Route

Object = dict[str, Any]

API_VERSION = "1.0.0"
"""Of the interface under `/v1`, not of the software."""

_ABOUT = """\
People, posts, media and conversations of Meton. Times are RFC 3339 in UTC, ids are UUIDv7, lists are pages.

Errors are problem documents (RFC 9457), in English or Hindi as `Accept-Language` asks; each `type` is a page that
explains it. A write with an `Idempotency-Key` may be repeated for a day and is done once. What happens is told as it
happens on the WebSocket `/ws`.
"""
_REF = "#/components/schemas/{name}"
_PATH_PARAMETER = re.compile(r"\{(\w+)\}")


class ProblemDocument(msgspec.Struct, omit_defaults=True):
    """RFC 9457. Some problems have further members."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldError] = []


def document(routes: Sequence[Route], base_url: str, realm_url: str) -> Object:
    """The whole document, ready to be encoded."""
    types = [route.body for route in routes if route.body] + [route.returns for route in routes if route.returns]
    types += [route.query for route in routes if route.query]
    _, components = msgspec.json.schema_components([*types, ProblemDocument], ref_template=_REF)
    ordered = sorted(routes, key=lambda route: route.path)  # groupby needs equal paths side by side
    paths = {
        path: {route.method.lower(): _operation(route, components, base_url) for route in same}
        for path, same in groupby(ordered, key=lambda route: route.path)
    }
    tags = list(dict.fromkeys(_tag(route) for route in routes))
    queries = {route.query.__name__ for route in routes if route.query}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Meton",
            "version": API_VERSION,
            "summary": "Social network API",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "tags": [{"name": tag} for tag in tags],
        "paths": {path: paths[path] for path in dict.fromkeys(route.path for route in routes)},
        "components": {
            "schemas": {name: schema for name, schema in components.items() if name not in queries},
            "headers": _HEADERS,
            "securitySchemes": _security_schemes(realm_url),
        },
    }


def _security_schemes(realm_url: str) -> Object:
    endpoint = f"{realm_url}/protocol/openid-connect"
    return {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The `access_token` of a session, or one obtained from Keycloak directly.",
        },
        "keycloak": {
            "type": "oauth2",
            "description": "Sign in at Keycloak: the authorization code flow with PKCE, client `meton-web`.",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": f"{endpoint}/auth",
                    "tokenUrl": f"{endpoint}/token",
                    "scopes": {"openid": "to know who signs in"},
                }
            },
        },
    }


def problems_of(route: Route) -> list[type[Problem]]:
    """All problems that a route may answer: the adapter's and the handler's own."""
    possible: list[type[Problem]] = [InternalError, Unavailable, TooManyRequests, Invalid]
    if route.auth is not ANYONE:
        possible += [Unauthorized, AccountSuspended, AccountDeactivated]
    if route.roles or _PATH_PARAMETER.search(route.path):
        possible.append(NotFound)
    if route.body is not None:
        possible += [Malformed, TooLarge, UnsupportedMediaType]
    if _is_paged(route):
        possible.append(BadCursor)
    if route.idempotent:
        possible += [IdempotencyKeyReused, RequestInFlight]
    return sorted({*possible, *route.problems}, key=lambda problem: (problem.status, problem.name))


def _operation(route: Route, components: Object, base_url: str) -> Object:
    summary, _, description = inspect.cleandoc(route.handler.__doc__ or "").partition("\n")
    operation: Object = {
        "operationId": f"{_tag(route)}_{route.handler.__name__}",
        "tags": [_tag(route)],
        "summary": route.summary or summary.rstrip("."),
        "description": f"{description.strip()}{_only_for(route)}".strip(),
        "security": [] if route.auth is ANYONE else [{"keycloak": ["openid"]}, {"bearer": []}],
        "parameters": _parameters(route, components),
        "responses": _responses(route, components, base_url),
    }
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _json(route.body, components)}
    return operation


def _parameters(route: Route, components: Object) -> list[Object]:
    hints = get_type_hints(route.handler)
    parameters = []
    for name in _PATH_PARAMETER.findall(route.path):
        schema = {"type": "string", "format": "uuid"} if hints.get(name) is UUID else {"type": "string"}
        value = example(schema, components, name)
        parameters.append({"name": name, "in": "path", "required": True, "schema": schema, "example": value})
    if route.query is not None:
        described = components[route.query.__name__]
        parameters += [
            {"name": name, "in": "query", "required": name in described.get("required", ()), "schema": schema}
            for name, schema in described["properties"].items()
        ]
    if _is_paged(route):
        parameters += _PAGING
    if route.idempotent:
        parameters.append(_IDEMPOTENCY)
    return parameters


def _responses(route: Route, components: Object, base_url: str) -> Object:
    success: Object = {"description": HTTPStatus(route.status).phrase, "headers": dict(_ON_SUCCESS)}
    if route.returns is not None:
        success["content"] = _json(route.returns, components)
    responses: Object = {str(int(route.status)): success}
    for status, same in groupby(problems_of(route), key=lambda problem: problem.status):
        possible = list(same)
        responses[str(int(status))] = {
            "description": " · ".join(problem.title.en for problem in possible),
            "headers": _headers_of(possible),
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": _REF.format(name="ProblemDocument")},
                    "examples": {problem.name: {"value": _example_of(problem, base_url)} for problem in possible},
                }
            },
        }
    return responses


def _json(type_: Any, components: Object) -> Object:
    (schema,), _ = msgspec.json.schema_components([type_], ref_template=_REF)
    return {"application/json": {"schema": schema, "example": example(schema, components)}}


def _example_of(problem: type[Problem], base_url: str) -> Object:
    if issubclass(problem, Invalid):
        raised: Problem = problem(("/caption", Text("This is required.", "यह ज़रूरी है।")))
    else:
        names = re.findall(r"\{(\w+)\}", problem.detail.en)
        raised = problem(**dict.fromkeys(names, 10))
    return raised.document(base_url.removesuffix("/api"), "en", ID)


def _only_for(route: Route) -> str:
    if not route.roles:
        return ""
    return f"\n\nOnly for people with the role {' or '.join(sorted(route.roles))}: for others it does not exist."


def _headers_of(possible: list[type[Problem]]) -> Object:
    if any(problem.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE) for problem in possible):
        return {**_ON_ANY, "Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return dict(_ON_ANY)


def _tag(route: Route) -> str:
    """The slice that the handler lives in."""
    return route.handler.__module__.removeprefix("social_api.").partition(".")[0]


def _is_paged(route: Route) -> bool:
    return "page" in inspect.signature(route.handler).parameters


_HEADERS: Object = {
    "X-Request-Id": {"description": "Name it when you report a problem.", "schema": {"type": "string"}},
    "RateLimit-Policy": {
        "description": "The limit that this request counts for: `q` requests in `w` seconds.",
        "schema": {"type": "string"},
        "example": '"reads";q=1200;w=60',
    },
    "Retry-After": {"description": "Seconds to wait before trying again.", "schema": {"type": "integer"}},
}
_ON_ANY: Object = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}
_ON_SUCCESS: Object = {**_ON_ANY, "RateLimit-Policy": {"$ref": "#/components/headers/RateLimit-Policy"}}
_PAGING: list[Object] = [
    {
        "name": "cursor",
        "in": "query",
        "description": "The `next` of the page before.",
        "schema": {"type": "string"},
    },
    {
        "name": "limit",
        "in": "query",
        "description": "How many items to answer.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    },
]
_IDEMPOTENCY: Object = {
    "name": HEADER,
    "in": "header",
    "description": "Any name for this request, such as a UUID: repeated within 24 hours it gets the same answer.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": ID,
}
