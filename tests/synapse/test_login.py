"""One account: who signs in at Keycloak is the same person in Matrix, from every client."""

from __future__ import annotations

import aiohttp
import pytest
from bs4 import BeautifulSoup

from stack.installation import Installation
from tests.keycloak.conftest import Person
from tests.support import matrix_sso
from tests.support.keycloak_browser import FormRefusedError, KeycloakBrowser


async def test_a_person_has_one_name_from_every_client(installation: Installation, person: Person) -> None:
    phone = await matrix_sso.login(installation.public_url, person.username, person.password)
    laptop = await matrix_sso.login(installation.public_url, person.username, person.password)
    assert phone.user_id == laptop.user_id == f"@{person.username}:{installation.server_name}"
    assert phone.device_id != laptop.device_id


async def test_who_is_signed_in_at_meton_is_not_asked_again(installation: Installation, person: Person) -> None:
    async with KeycloakBrowser(installation.public_url) as browser:
        await browser.login(person.username, person.password)
        login = await matrix_sso.login(installation.public_url, "", "", browser=browser)
    assert login.user_id == f"@{person.username}:{installation.server_name}"


async def test_a_wrong_password_is_no_way_in(installation: Installation, person: Person) -> None:
    with pytest.raises(FormRefusedError, match="Invalid username or password"):
        await matrix_sso.login(installation.public_url, person.username, "not the password")


async def test_a_login_token_is_good_once(installation: Installation, person: Person) -> None:
    async with KeycloakBrowser(installation.public_url) as browser:
        token = await matrix_sso.login_token(browser, person.username, person.password)
    await matrix_sso.redeem(installation.public_url, token)
    with pytest.raises(AssertionError, match="M_FORBIDDEN"):
        await matrix_sso.redeem(installation.public_url, token)


async def test_a_foreign_client_is_asked_about_and_ours_is_not(installation: Installation, person: Person) -> None:
    async with KeycloakBrowser(installation.public_url) as browser:
        await browser.login(person.username, person.password)
        start = f"{installation.public_url}/_matrix/client/v3/login/sso/redirect/oidc-keycloak?redirectUrl="
        ours = await browser.follow(f"{start}{installation.public_url}/mxcb", f"{installation.public_url}/mxcb")
        assert isinstance(ours, str)
        assert "loginToken=" in ours
        for foreign in (matrix_sso.ELEMENT, f"{installation.public_url}.evil.example/"):
            assert isinstance(await browser.follow(start + foreign, foreign), BeautifulSoup)


async def test_signing_out_at_keycloak_ends_the_matrix_session(installation: Installation, person: Person) -> None:
    async with KeycloakBrowser(installation.public_url) as browser:
        tokens = await browser.tokens(await browser.login(person.username, person.password))
        login = await matrix_sso.login(installation.public_url, "", "", browser=browser)
        await browser.logout(tokens["id_token"])
    address = f"{installation.url('synapse')}/_matrix/client/v3/account/whoami"
    headers = {"Authorization": f"Bearer {login.access_token}"}
    async with aiohttp.ClientSession() as session, session.get(address, headers=headers) as answer:
        assert answer.status == 401
