"""What people see at Keycloak's own pages, in both languages."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
from bs4 import BeautifulSoup

from stack.installation import Installation
from stack.keycloak_admin import KeycloakAdmin
from tests.keycloak.conftest import Person
from tests.support.keycloak_browser import FormRefusedError, KeycloakBrowser, form, title

PASSWORD = "correct horse battery"
DEVANAGARI = re.compile(r"[\u0900-\u097f]")


@pytest.fixture
async def browser(installation: Installation) -> AsyncIterator[KeycloakBrowser]:
    """A browser nobody has signed in with."""
    async with KeycloakBrowser(installation.public_url) as fresh:
        yield fresh


@pytest.fixture
def newcomer(admin: KeycloakAdmin) -> Iterator[str]:
    """A username nobody has, removed afterwards with its account."""
    username = f"test-{secrets.token_hex(4)}"
    yield username
    for found in admin.get("meton/users", username=username, exact="true"):
        admin.delete(f"meton/users/{found['id']}")


def language(page: BeautifulSoup) -> str:
    """What a page says its language is."""
    (html,) = page.select("html")
    return str(html["lang"])


def labels(page: BeautifulSoup) -> list[str]:
    """What stands at the fields of a form."""
    return [label.get_text(" ", strip=True).removesuffix(" *") for label in page.select("form label")]


@pytest.mark.parametrize("locale", ["en", "hi"])
async def test_a_newcomer_registers_and_comes_back_signed_in(
    browser: KeycloakBrowser, newcomer: str, locale: str, admin: KeycloakAdmin
) -> None:
    code = await browser.register(newcomer, PASSWORD, f"{newcomer}@example.org", locale=locale, first_name="अदिति")
    assert "access_token" in await browser.tokens(code)
    (made,) = admin.get("meton/users", username=newcomer, exact="true")
    assert (made["username"], made["firstName"], made["attributes"]["locale"]) == (newcomer, "अदिति", [locale])


async def test_the_registration_form_in_english(browser: KeycloakBrowser) -> None:
    page = await browser.page(browser.registration_url("en"))
    assert language(page) == "en"
    assert title(page) == "Register"
    assert labels(page) == [
        "Username",
        "Password",
        "Confirm password",
        "Email",
        "First name (optional)",
        "Last name (optional)",
    ]
    assert [option.get_text(strip=True) for option in page.select("#login-select-toggle option")] == [
        "English",
        "हिन्दी",
    ]


async def test_the_registration_form_in_hindi(browser: KeycloakBrowser) -> None:
    page = await browser.page(browser.registration_url("hi"))
    assert language(page) == "hi"
    assert title(page) == "खाता बनाएँ"
    assert labels(page) == [
        "उपयोगकर्ता नाम",
        "पासवर्ड",
        "पासवर्ड दोबारा लिखें",
        "ईमेल",
        "नाम (वैकल्पिक)",
        "उपनाम (वैकल्पिक)",
    ]


async def test_a_browser_that_prefers_hindi_gets_hindi(installation: Installation) -> None:
    async with KeycloakBrowser(installation.public_url, language="hi-IN,hi;q=0.9,en;q=0.5") as browser:
        page = await browser.page(browser.registration_url(None))
        assert language(page) == "hi"


@pytest.mark.parametrize("locale", ["en", "hi"])
async def test_every_text_of_the_pages_is_in_the_language(browser: KeycloakBrowser, locale: str) -> None:
    registration = await browser.page(browser.registration_url(locale))
    (back,) = registration.select("#kc-form-options a")
    login = await browser.page(browser.public_url + str(back["href"]))
    for page in (registration, login):
        for tag in page.select("script, style, option"):
            tag.decompose()
        texts = [text.strip() for text in page.body.stripped_strings] if page.body else []
        others = [text for text in texts if text not in ("Meton", "*")]
        assert others
        assert all(bool(DEVANAGARI.search(text)) == (locale == "hi") for text in others), others


@pytest.mark.parametrize(
    ("field", "value", "english", "hindi"),
    [
        ("username", "x", "Length must be between 2 and 40.", "लंबाई 2 से 40 अक्षरों के बीच होनी चाहिए।"),
        ("username", "boot-me", "Use a to z", "केवल a से z"),
        ("username", "1234", "Use a to z", "केवल a से z"),
        ("username", "-dash", "Use a to z", "केवल a से z"),
        ("username", "अदिति", "Use a to z", "केवल a से z"),
        ("email", "nowhere", "Invalid email address.", "ईमेल पता मान्य नहीं है।"),
        ("email", "", "Please specify email.", "कृपया ईमेल लिखें।"),
        ("password-confirm", "other", "Password confirmation doesn't match.", "दोबारा लिखा गया पासवर्ड मेल नहीं खाता।"),
    ],
)
async def test_a_mistake_in_the_form_is_explained(
    browser: KeycloakBrowser, field: str, value: str, english: str, hindi: str
) -> None:
    good = {"username": "somebody-new", "email": "new@example.org", "password": PASSWORD, "password-confirm": PASSWORD}
    for locale, sentence in (("en", english), ("hi", hindi)):
        page = await browser.page(browser.registration_url(locale))
        with pytest.raises(FormRefusedError) as refusal:
            await browser.submit(form(page, "kc-register-form"), {**good, field: value}, browser.public_url + "/cb")
        assert any(message.startswith(sentence) for message in refusal.value.messages), refusal.value.messages


async def test_a_taken_name_and_a_wrong_password_are_explained_in_hindi(
    browser: KeycloakBrowser, person: Person
) -> None:
    with pytest.raises(FormRefusedError, match="यह उपयोगकर्ता नाम पहले से लिया जा चुका है"):
        await browser.register(person.username, PASSWORD, "other@example.org", locale="hi")
    with pytest.raises(FormRefusedError, match="उपयोगकर्ता नाम या पासवर्ड गलत है"):
        await browser.login(person.username, "not the password", locale="hi")


async def test_capitals_in_a_name_are_made_small(browser: KeycloakBrowser, newcomer: str, admin: KeycloakAdmin) -> None:
    await browser.register(newcomer.capitalize(), PASSWORD, f"{newcomer}@example.org")
    assert admin.get("meton/users", username=newcomer, exact="true")[0]["username"] == newcomer


async def test_a_signed_in_browser_sees_no_form_again_until_it_signs_out(
    browser: KeycloakBrowser, person: Person
) -> None:
    await browser.login(person.username, person.password)
    tokens = await browser.tokens(await browser.login("", ""))
    await browser.logout(tokens["id_token"])
    with pytest.raises(FormRefusedError):
        await browser.login("", "")


async def test_the_pages_bring_their_own_style_and_sign(browser: KeycloakBrowser) -> None:
    page = await browser.page(browser.registration_url("hi"))
    sheets = [str(link["href"]) for link in page.select("link[rel=stylesheet]")]
    (own,) = [sheet for sheet in sheets if sheet.endswith("/css/meton.css")]
    style = await browser.page(browser.public_url + own)
    assert "logo.svg" in style.get_text()
    await browser.page(browser.public_url + own.replace("css/meton.css", "img/logo.svg"))
    assert all(sheet.startswith("/auth/resources/") for sheet in sheets)
