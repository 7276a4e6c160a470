"""The login theme speaks Hindi wherever the Keycloak we ship may speak to a person."""

from __future__ import annotations

import re
import zipfile
from functools import cache
from pathlib import Path

import pytest

from stack import keycloak_distribution
from stack.installation import Installation

MESSAGES = Path("keycloak-realm/themes/meton/login/messages")
# what this realm has switched off, so nobody can come across it
OFF = {
    "kerberos": ("kerberos", "bypassKerberos", "gssDelegation"),
    "X.509 logins": ("doX509", "clientCertificate", "noCertificate", "auth-x509"),
    "SAML": ("saml", "identityProviderLogoutFailure"),
    "impersonation": ("doImpersonate", "impersonate"),
    "consent pages: all clients are ours": ("oauthGrant", "inResource", "role_", "client_", "openshift"),
    "scopes shown on them": tuple(
        f"{scope}ScopeConsentText"
        for scope in ("profile", "email", "address", "phone", "offlineAccess", "roles", "organization", "naturalPerson")
    ),
    "device flow": ("oauth2Device", "verifyOAuth2Device"),
    "delegation to the console": ("delegation",),
    "text consoles": ("console-",),
    "organizations": ("organization.", "doSwitchOrganization", "notMemberOf", "org", "staleInviteOrgLink"),
    "verifiable credentials": ("credentialOffer", "did"),
    "a choice of realms": ("realmChoice",),
}
# the pages a person meets between "create an account" and "sign out"
JOURNEY = (
    *("template", "login", "register", "register-commons", "user-profile-commons", "password-commons"),
    *("password-validation", "error", "info", "login-page-expired", "login-reset-password", "login-update-password"),
    *("login-update-profile", "login-verify-email", "login-username", "login-password", "logout-confirm"),
    *("frontchannel-logout", "passkeys", "login-passkeys-conditional-authenticate", "webauthn-authenticate"),
    *("webauthn-register", "webauthn-error", "select-authenticator", "login-otp", "login-config-totp", "code"),
    *("login-recovery-authn-code-config", "login-recovery-authn-code-input", "delete-credential", "update-email"),
    *("field", "footer", "buttons", "social-providers", "terms"),
)
PARAMETER = re.compile(r"\{\d")
PLAIN_KEY = re.compile(r"""msg\(\s*["']([\w.-]+)["']""")


def entries(text: str) -> dict[str, str]:
    """The keys and values of a properties file, which in themes are one line each."""
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {key.strip(): value for key, _, value in pairs}


@cache
def shipped(runtime: Path) -> dict[str, str]:
    """The theme files of the installed Keycloak: path inside its jar → text."""
    libraries = keycloak_distribution.built_home(runtime) / "lib/lib/main"
    (jar,) = libraries.glob(f"org.keycloak.keycloak-themes-{keycloak_distribution.VERSION}.jar")
    with zipfile.ZipFile(jar) as packed:
        names = [name for name in packed.namelist() if name.endswith((".ftl", "_en.properties"))]
        return {name: packed.read(name).decode() for name in names}


@pytest.fixture
def english(installation: Installation) -> dict[str, str]:
    """What Keycloak's login pages say, without what is switched off."""
    off = tuple(prefix for prefixes in OFF.values() for prefix in prefixes)
    texts = entries(shipped(installation.runtime)["theme/base/login/messages/messages_en.properties"])
    return {key: value for key, value in texts.items() if not key.startswith(off)}


@pytest.fixture
def own_english(installation: Installation) -> dict[str, str]:
    """Our own English texts."""
    return entries((installation.root / MESSAGES / "messages_en.properties").read_text(encoding="utf-8"))


@pytest.fixture
def hindi(installation: Installation) -> dict[str, str]:
    """Our Hindi texts."""
    return entries((installation.root / MESSAGES / "messages_hi.properties").read_text(encoding="utf-8"))


def test_every_text_there_is_in_english_is_there_in_hindi(
    english: dict[str, str], own_english: dict[str, str], hindi: dict[str, str]
) -> None:
    assert sorted(hindi) == sorted(english.keys() | own_english.keys())


def test_every_text_the_pages_of_the_journey_show_is_there_in_hindi(
    installation: Installation, hindi: dict[str, str]
) -> None:
    files = shipped(installation.runtime)
    missing, found = set(), 0
    off = ("doSwitchOrganization", "doImpersonate")
    for page in JOURNEY:
        for theme in ("base", "keycloak.v2"):
            text = files.get(f"theme/{theme}/login/{page}.ftl", "")
            found += bool(text)
            missing |= {key for key in PLAIN_KEY.findall(text) if key not in hindi and not key.startswith(off)}
    assert found > 40
    assert missing <= {"requiredAction.", "loginTotp."}  # beginnings of keys, completed by the page


def test_a_translation_names_the_same_values_as_the_original(english: dict[str, str], hindi: dict[str, str]) -> None:
    different = {
        key for key, text in english.items() if set(PARAMETER.findall(text)) != set(PARAMETER.findall(hindi[key]))
    }
    assert different == set()


def test_a_translation_is_in_devanagari_unless_it_is_a_name(hindi: dict[str, str]) -> None:
    latin = {key for key, text in hindi.items() if not re.search(r"[\u0900-\u097f]", text)}
    names = {"locale_en", "loginTitleHtml", "usb", "nfc"}
    apps = {"totpAppFreeOTPName", "totpAppGoogleName", "totpAppMicrosoftAuthenticatorName"}
    assert latin == names | apps


def test_an_apostrophe_would_swallow_what_follows_it(hindi: dict[str, str], own_english: dict[str, str]) -> None:
    assert [key for key, text in (hindi | own_english).items() if "'" in text.replace("''", "")] == []


def test_our_english_says_only_what_is_new_or_different(own_english: dict[str, str], english: dict[str, str]) -> None:
    assert [key for key, text in own_english.items() if english.get(key) == text] == []
