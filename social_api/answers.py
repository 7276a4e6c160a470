"""Writing an answer: JSON, or a problem document."""

from __future__ import annotations

import asyncpg
import msgspec
import structlog
from aiohttp import web
from multidict import CIMultiDict

from db.engine import AWAY
from social_api import languages, telemetry
from social_api.problems import InternalError, Malformed, MethodNotAllowed, NotFound, Problem, Unavailable

_log = structlog.get_logger()
_encoder = msgspec.json.Encoder()

NO_STORE = "no-store"

# JSON has it, PostgreSQL's text does not
_NUL_IN_TEXT = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
_AWAY = (*AWAY, asyncpg.IdleInTransactionSessionTimeoutError)


def problem(error: Problem, request: web.Request, public_url: str, request_id: str) -> web.Response:
    """The problem document, in the language that the client prefers."""
    language = languages.preferred(request.headers.get("Accept-Language", ""))
    headers = CIMultiDict(error.headers())
    headers["Content-Type"] = "application/problem+json"
    headers["Content-Language"] = language
    headers["Vary"] = "Accept-Language"
    headers["Cache-Control"] = NO_STORE
    headers["X-Request-Id"] = request_id
    body = _encoder.encode(error.document(public_url, language, request_id))
    return web.Response(status=error.status, body=body, headers=headers)


def problem_of(error: Exception) -> Problem:
    """The problem that any error is to the client. Our faults are logged, without their message: it may quote data."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, web.HTTPException):
        return _of_aiohttp(error)
    if isinstance(error, _NUL_IN_TEXT):
        return Malformed()
    if isinstance(error, _AWAY):
        _log.warning("unavailable", error=type(error).__name__, at=telemetry.where(error))
        return Unavailable()
    _log.error("internal error", error=type(error).__name__, at=telemetry.where(error))
    return InternalError()


def _of_aiohttp(error: web.HTTPException) -> Problem:
    if isinstance(error, web.HTTPNotFound):
        return NotFound()
    if isinstance(error, web.HTTPMethodNotAllowed):
        return MethodNotAllowed(allowed=", ".join(sorted(error.allowed_methods)))
    return Malformed()
