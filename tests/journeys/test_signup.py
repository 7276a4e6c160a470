"""Journey 1: signing up, being the same person everywhere, and being shut out everywhere."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import aiohttp
import pytest

from stack.components import postgres
from stack.installation import Installation
from tests.support.api import Api
from tests.support.keycloak_admin import KeycloakAdmin
from tests.support.matrix_sso import MatrixLogin
from tests.support.people import Person, SignUp, request_session
from tests.support.stopping import stopped
from tests.support.waiting import eventually

pytestmark = pytest.mark.journey

REVOKED_WITHIN = 60  # seconds: the promise


def _user_row(installation: Installation, connect_id: str) -> tuple[Any, ...]:
    with closing(postgres.connect(installation, "meton_owner", "meton")) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.id, u.subject, m.mxid FROM users u LEFT JOIN matrix_accounts m ON m.user_id = u.id "
            "WHERE lower(u.connect_id) = lower(%s)",
            (connect_id,),
        )
        rows = cursor.fetchall()
    assert len(rows) == 1
    return tuple(rows[0])


async def _matrix_status(login: MatrixLogin) -> int:
    url = f"{login.homeserver}/_matrix/client/v3/account/whoami"
    headers = {"Authorization": f"Bearer {login.access_token}"}
    async with aiohttp.ClientSession() as http, http.get(url, headers=headers) as answer:
        return answer.status


async def _refused_everywhere(person: Person, login: MatrixLogin) -> None:
    async def api_refuses() -> bool:
        return (await person.api.call("GET", "/v1/me")).status == 401

    async def matrix_refuses() -> bool:
        return await _matrix_status(login) == 401

    await eventually(api_refuses, REVOKED_WITHIN)
    await eventually(matrix_refuses, REVOKED_WITHIN)


@pytest.mark.parametrize("locale", ["en", "hi"])
async def test_a_newcomer_is_the_same_person_at_the_api_in_the_database_and_in_matrix(
    installation: Installation, sign_up: SignUp, locale: str
) -> None:
    person = await sign_up("alice", locale=locale)
    mxid = await person.chat_account()
    assert mxid == f"@{person.username}:{installation.server_name}"
    me = await person.api.get("/v1/me")
    user_id, _, stored = _user_row(installation, person.connect_id)
    assert (me["id"], me["connect_id"], stored) == (str(user_id), person.connect_id, mxid)
    # then the same person signs in to the homeserver by single sign-on, as Element does
    assert (await person.matrix()).user_id == mxid


async def test_who_signs_in_by_element_first_is_the_same_person_too(
    installation: Installation, sign_up: SignUp
) -> None:
    person = await sign_up("bob", element_first=True)
    mxid = await person.chat_account()
    assert mxid == f"@{person.username}:{installation.server_name}" == (await person.matrix()).user_id


@pytest.fixture
def admin(installation: Installation) -> KeycloakAdmin:
    """The person at Keycloak's console."""
    return KeycloakAdmin(installation)


@pytest.mark.parametrize("act", ["disable", "delete", "logout"])
async def test_what_the_console_ends_is_refused_by_the_api_and_by_matrix(
    sign_up: SignUp, admin: KeycloakAdmin, act: str
) -> None:
    person = await sign_up("charlie")
    login = await person.matrix()
    assert (await person.api.call("GET", "/v1/me")).status == 200
    assert await _matrix_status(login) == 200
    await getattr(admin, act)(person.username)
    await _refused_everywhere(person, login)


async def test_it_is_refused_in_matrix_also_when_synapse_was_down_at_that_moment(
    installation: Installation, sign_up: SignUp, admin: KeycloakAdmin
) -> None:
    person = await sign_up("alice")
    login = await person.matrix()
    async with stopped(installation, "synapse"):
        await admin.disable(person.username)

        async def api_refuses() -> bool:
            return (await person.api.call("GET", "/v1/me")).status == 401

        await eventually(api_refuses, REVOKED_WITHIN)
    await _refused_everywhere(person, login)


async def test_enabling_again_revives_no_old_session_but_lets_the_person_sign_in(
    sign_up: SignUp, admin: KeycloakAdmin
) -> None:
    person = await sign_up("bob")
    login = await person.matrix()
    await admin.disable(person.username)
    await admin.enable(person.username)
    await _refused_everywhere(person, login)
    refreshed = await person.api.call(
        "POST", "/v1/sessions/refresh", {"refresh_token": person.session["refresh_token"]}
    )
    assert refreshed.status == 401
    again = Api(person.api.http, person.api.public_url)

    # a token of the very second in which the sessions ended is refused as well: whoever is that quick signs in again
    async def signed_in() -> bool:
        code = await person.browser.login(person.username, person.password)
        return (await request_session(again, code)).status == 201

    assert await eventually(signed_in, every=1.0)
    assert (await again.call("GET", "/v1/me")).status == 200
