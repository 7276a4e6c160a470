"""A person at Keycloak's own pages, without a browser: fills in the real forms and follows the real redirects."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import aiohttp
from bs4 import BeautifulSoup
from yarl import URL

SECONDS = 60
CLIENT = "meton-web"


class FormRefusedError(Exception):
    """Keycloak showed a page instead of going on. `messages` is what it told the person, `page` the whole of it."""

    def __init__(self, status: int, page: BeautifulSoup) -> None:
        found = page.select(".kc-feedback-text, [id^='input-error-'], #kc-error-message .instruction")
        texts = [tag.get_text(" ", strip=True) for tag in found]
        self.messages = list(dict.fromkeys(text for text in texts if text))
        self.status, self.page = status, page
        super().__init__(f"HTTP {status}, {title(page)!r}: {self.messages}")


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code with all that `POST /v1/sessions`, or Keycloak's token endpoint, needs to redeem it."""

    code: str
    code_verifier: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Form:
    """A form on a page: where it goes, and the fields it has already filled in."""

    action: str
    fields: dict[str, str]


class KeycloakBrowser:
    """One browser profile: who has signed in stays signed in. Use it with `async with`.

    Keycloak marks its cookies Secure even on plain http, and real browsers accept that for localhost: so does this one.
    """

    def __init__(self, public_url: str, *, language: str = "en") -> None:
        self.public_url = public_url
        self.realm_url = f"{public_url}/auth/realms/meton"
        jar = aiohttp.CookieJar(unsafe=True, quote_cookie=False, treat_as_secure_origin=URL(public_url).origin())
        self._session = aiohttp.ClientSession(
            cookie_jar=jar,
            headers={"Accept-Language": language},
            timeout=aiohttp.ClientTimeout(total=SECONDS),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    # --- what a person does

    async def register(
        self, username: str, password: str, email: str, *, locale: str = "en", first_name: str = "", last_name: str = ""
    ) -> Code:
        """Fill in the registration form in that language, and come back signed in. Raises FormRefusedError."""
        start, code_verifier = self._authorization("registrations", locale)
        page = await self.page(start)
        given = {"username": username, "password": password, "password-confirm": password, "email": email}
        names = {"firstName": first_name, "lastName": last_name}
        return await self._come_back(form(page, "kc-register-form"), {**given, **names}, code_verifier)

    async def login(self, username: str, password: str, *, locale: str = "en") -> Code:
        """Sign in through the form, or without it when this browser is signed in already. Raises FormRefusedError."""
        start, code_verifier = self._authorization("auth", locale)
        landed = await self.follow(start, self._redirect_uri)
        if isinstance(landed, str):
            return self._code(landed, code_verifier)
        return await self._come_back(
            form(landed, "kc-form-login"), {"username": username, "password": password}, code_verifier
        )

    async def tokens(self, code: Code) -> dict[str, Any]:
        """Redeem a code at Keycloak itself, as social_api does: access_token, refresh_token, id_token …"""
        answer = await self._token_request(
            grant_type="authorization_code",
            code=code.code,
            code_verifier=code.code_verifier,
            redirect_uri=code.redirect_uri,
        )
        assert "access_token" in answer, answer
        return answer

    async def refresh(self, refresh_token: str) -> dict[str, Any]:
        """Keycloak's answer to a refresh: new tokens, or a document with `error`."""
        return await self._token_request(grant_type="refresh_token", refresh_token=refresh_token)

    async def logout(self, id_token: str) -> None:
        """Sign out of Keycloak, as the app's sign-out link does."""
        query = urlencode({"id_token_hint": id_token, "post_logout_redirect_uri": self._redirect_uri})
        landed = await self.follow(f"{self.realm_url}/protocol/openid-connect/logout?{query}", self._redirect_uri)
        assert isinstance(landed, str), landed

    # --- what a browser does

    def registration_url(self, locale: str | None) -> str:
        """Where the app sends a newcomer; None leaves the language to what the browser prefers."""
        return self._authorization("registrations", locale)[0]

    async def page(self, url: str, *, status: int = 200) -> BeautifulSoup:
        """The page behind `url`, redirects followed; AssertionError when it has another HTTP status."""
        async with self._session.get(url) as answer:
            text = await answer.text()
            assert answer.status == status, f"{url}: HTTP {answer.status} {text[:300]}"
            return BeautifulSoup(text, "html.parser")

    async def follow(self, url: str, stop: str) -> str | BeautifulSoup:
        """Follow redirects to the first address that begins with `stop` (not visited), or to the page at the end."""
        return await self._until("GET", url, None, stop)

    async def submit(self, filled: Form, given: dict[str, str], stop: str) -> str:
        """Send a form with what a person typed: the address it leads to. FormRefusedError when that is a page."""
        landed = await self.send(filled, given, stop)
        if isinstance(landed, str):
            return landed
        raise FormRefusedError(200, landed)

    async def send(self, filled: Form, given: dict[str, str], stop: str) -> str | BeautifulSoup:
        """Send a form, and go on as `follow` does. Raises FormRefusedError when the form is shown again."""
        landed = await self._until("POST", filled.action, {**filled.fields, **given}, stop)
        if isinstance(landed, BeautifulSoup) and landed.select(".kc-feedback-text, [id^='input-error-']"):
            raise FormRefusedError(200, landed)
        return landed

    async def _until(self, method: str, url: str, data: dict[str, str] | None, stop: str) -> str | BeautifulSoup:
        while True:
            async with self._session.request(method, url, data=data, allow_redirects=False) as answer:
                if answer.status not in (302, 303, 307):
                    page = BeautifulSoup(await answer.text(), "html.parser")
                    if answer.status >= 400:
                        raise FormRefusedError(answer.status, page)
                    return page
                url = urljoin(url, answer.headers["Location"])
            if url.startswith(stop):
                return url
            method, data = "GET", None

    # --- the authorization code flow

    @property
    def _redirect_uri(self) -> str:
        return f"{self.public_url}/cb"

    def _authorization(self, kind: str, locale: str | None) -> tuple[str, str]:
        """Where the flow begins, and the PKCE verifier that belongs to it."""
        code_verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": CLIENT,
            "redirect_uri": self._redirect_uri,
            "response_type": "code",
            "scope": "openid",
            "state": secrets.token_urlsafe(8),
            "nonce": secrets.token_urlsafe(8),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **({"ui_locales": locale} if locale else {}),
        }
        return f"{self.realm_url}/protocol/openid-connect/{kind}?{urlencode(query)}", code_verifier

    async def _come_back(self, filled: Form, given: dict[str, str], code_verifier: str) -> Code:
        return self._code(await self.submit(filled, given, self._redirect_uri), code_verifier)

    def _code(self, landed: str, code_verifier: str) -> Code:
        answer = parse_qs(urlsplit(landed).query)
        assert "code" in answer, landed
        return Code(answer["code"][0], code_verifier, self._redirect_uri)

    async def _token_request(self, **form_fields: str) -> dict[str, Any]:
        url = f"{self.realm_url}/protocol/openid-connect/token"
        async with self._session.post(url, data={"client_id": CLIENT, **form_fields}) as answer:
            document: dict[str, Any] = await answer.json()
            return document


def form(page: BeautifulSoup, form_id: str) -> Form:
    """The form of that id on a page; raises FormRefusedError with what the page says instead."""
    found = page.find("form", id=form_id)
    if found is None:
        raise FormRefusedError(200, page)
    fields = {str(tag["name"]): str(tag.get("value") or "") for tag in found.select("input[name]")}
    unticked = {str(tag["name"]) for tag in found.select("input[type=checkbox]:not([checked])")}
    return Form(str(found["action"]), {name: value for name, value in fields.items() if name not in unticked})


def title(page: BeautifulSoup) -> str:
    """The heading a person reads."""
    found = page.find(id="kc-page-title")
    return found.get_text(" ", strip=True) if found else ""
