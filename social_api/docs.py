"""Pages for people: the API document, Swagger UI on it, and what each problem means. Nothing comes from elsewhere."""

from __future__ import annotations

import hashlib
import html
import mimetypes
from base64 import b64encode
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from social_api import languages, openapi
from social_api.problems import NotFound, Problem, catalogue
from social_api.routes import ROUTES

_ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_START = """\
window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null,
  oauth2RedirectUrl: new URL("docs/signed-in", location.href).href,
});
window.ui.initOAuth({clientId: "meton-web", scopes: "openid", usePkceWithAuthorizationCodeGrant: true});
"""
_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Meton API</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
<body>
<div id="api"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
"""
# where Keycloak sends the window in which somebody signed in; the script is Swagger UI's own
_SIGNED_IN = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Meton API: signed in</title>
<script src="signed-in.js"></script>
"""
_PROBLEM_STYLE = "body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}"
_PROBLEM = """\
<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{style}</style>
<h1>{title}</h1>
<p>{detail}
<p><small>{status} · {name} · <a href="?lang=en" lang="en">English</a> · <a href="?lang=hi" lang="hi">हिन्दी</a></small>
"""


def _csp(style: str, script: str = "'none'") -> str:
    return (
        f"default-src 'none'; script-src {script}; style-src {style}; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_PAGE_HEADERS = {
    "Content-Security-Policy": _csp("'self'", "'self'"),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}
_PROBLEM_HEADERS = {
    "Content-Security-Policy": _csp(_hash(_PROBLEM_STYLE)),
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Language",
}


def pages(prefix: str, public_url: str, realm_url: str) -> dict[str, Handler]:
    """The pages by path, below `prefix`."""
    found: dict[str, Handler] = {
        "openapi.json": _document(f"{public_url}{prefix}", realm_url),
        "docs": _fixed(_PAGE.encode(), "text/html"),
        "docs/start.js": _fixed(_START.encode(), "text/javascript"),
        "problems/{name}": problem_page,
    }
    bundle = files("swagger_ui") / "static"
    found["docs/signed-in"] = _fixed(_SIGNED_IN.encode(), "text/html")
    found["docs/signed-in.js"] = _fixed(_redirect_script(bundle).encode(), "text/javascript")
    for name in _ASSETS:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        found[f"docs/{name}"] = _fixed((bundle / name).read_bytes(), kind)
    return {f"{prefix}/{path}": page for path, page in found.items()}


def _redirect_script(bundle: Traversable) -> str:
    """The script of Swagger UI's page, which is inline there and so would need a weaker policy."""
    page = (bundle / "oauth2-redirect.html").read_text(encoding="utf-8")
    return page.partition("<script>")[2].partition("</script>")[0] + 'window.addEventListener("load", run);\n'


async def problem_page(request: web.Request) -> web.Response:
    """What a problem's `type` leads to."""
    known: dict[str, type[Problem]] = {problem.name: problem for problem in catalogue()}
    problem = known.get(request.match_info["name"])
    if problem is None:
        raise NotFound
    language = request.query.get("lang", "")
    if language not in languages.LANGUAGES:
        language = languages.preferred(request.headers.get("Accept-Language", ""))
    page = _PROBLEM.format(
        language=language,
        title=html.escape(problem.title.in_language(language)),
        detail=html.escape(problem.detail.in_language(language)),
        status=int(problem.status),
        name=problem.name,
        style=_PROBLEM_STYLE,
    )
    return web.Response(text=page, content_type="text/html", headers=_PROBLEM_HEADERS)


def _document(base_url: str, realm_url: str) -> Handler:
    """Made for whoever asks first: few processes are ever asked, and it takes longer than the rest of their start."""

    @cache
    def document() -> bytes:
        return msgspec.json.encode(openapi.document(ROUTES, base_url, realm_url))

    async def answer(_request: web.Request) -> web.Response:
        return _page(document(), "application/json")

    return answer


def _fixed(body: bytes, content_type: str) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return _page(body, content_type)

    return answer


def _page(body: bytes, content_type: str) -> web.Response:
    charset = None if content_type.startswith("image/") else "utf-8"
    return web.Response(body=body, content_type=content_type, charset=charset, headers=_PAGE_HEADERS)
