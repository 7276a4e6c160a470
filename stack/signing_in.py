"""Signing a person in as a browser does: Keycloak's form, a code with PKCE, a token. For the demo people."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import secrets
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import parse_qs, urlencode, urlsplit

from stack.installation import Installation
from stack.trouble import Trouble

OPENID = "/auth/realms/meton/protocol/openid-connect"
CLIENT = "meton-web"
SECONDS = 30.0
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ACTION = re.compile(r'<form[^>]+id="kc-form-login"[^>]+action="([^"]+)"')


def access_token(installation: Installation, username: str, password: str) -> str:
    """An access token of meton-web for this person; Trouble when Keycloak does not let them in."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    redirect = f"{installation.public_url}/"
    asked = {
        "client_id": CLIENT,
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": redirect,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    page, cookies = _ask(installation, "GET", f"{OPENID}/auth?{urlencode(asked)}", None, {})
    form = ACTION.search(page[1])
    if form is None:
        raise Trouble(f"Keycloak showed {username} no sign-in form (status {page[0].status}).")
    action = urlsplit(html.unescape(form[1]))
    filled = urlencode({"username": username, "password": password})
    answer, _ = _ask(installation, "POST", f"{action.path}?{action.query}", filled, {**FORM, "Cookie": cookies})
    code = parse_qs(urlsplit(answer[0].getheader("Location", "")).query).get("code")
    if not code:
        raise Trouble(
            f"Keycloak did not let {username} in with the password in {installation.secret_file(f'demo_{username}')}.",
            "If it was changed in the console, that is fine; the demo cannot be renewed then.",
        )
    traded = {"grant_type": "authorization_code", "client_id": CLIENT, "code": code[0], "redirect_uri": redirect}
    answer, _ = _ask(installation, "POST", f"{OPENID}/token", urlencode({**traded, "code_verifier": verifier}), FORM)
    return str(json.loads(answer[1])["access_token"])


def _ask(
    installation: Installation, method: str, address: str, body: str | None, headers: dict[str, str]
) -> tuple[tuple[HTTPResponse, str], str]:
    """One request to Keycloak itself; the answer with its text, and the cookies it sets as one header."""
    connection = HTTPConnection("127.0.0.1", installation.port("keycloak"), timeout=SECONDS)
    try:
        connection.request(method, address, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
    finally:
        connection.close()
    set_cookies = answer.headers.get_all("Set-Cookie") or []
    return (answer, text), "; ".join(cookie.partition(";")[0] for cookie in set_cookies)
