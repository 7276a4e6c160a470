"""Signing in, refreshing and signing out, with the real Keycloak."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from aiohttp.test_utils import TestServer
from cryptography.exceptions import InvalidTag
from sqlalchemy import func, select, update

from db.engine import Statement
from db.models import AuditLog, AuthSession, User
from social_api import app as api_app
from social_api.sessions import refresh_tokens
from social_api.sessions.refresh_tokens import Purpose
from social_api.settings import Settings
from tests.social_api.sessions.conftest import Desk
from tests.support import records
from tests.support.clones import Clone
from tests.support.waiting import eventually

COOKIE = "__Host-meton-refresh"


async def acts(database: Clone) -> list[str]:
    async with database.reading() as tx:
        return [row["action"] for row in await tx.rows(Statement(select(AuditLog.action).order_by(AuditLog.position)))]


async def let_ten_seconds_pass(database: Clone) -> None:
    async with database.transaction() as tx:
        await tx.execute(Statement(update(AuthSession).values(previous_until=func.now() - timedelta(seconds=1))))


async def test_a_code_makes_a_session_and_the_person(desk: Desk, database: Clone) -> None:
    created = await desk.create(await desk.register())
    assert created.status == 201
    assert (created.body["token_type"], created.body["expires_in"]) == ("Bearer", 300)
    assert await desk.me(created.body["access_token"]) == 200
    assert await records.count(database, User) == 1
    assert len(await records.outbox(database, "person.registered")) == 1
    assert await acts(database) == ["session.started"]
    async with database.reading() as tx:
        kept = await tx.row(Statement(select(AuthSession.refresh_token_hash, AuthSession.device_info)))
    assert kept is not None
    assert created.body["refresh_token"] not in str(dict(kept))
    assert kept["device_info"] == {"name": "Alice's phone", "platform": "android"}


async def test_a_code_is_good_for_one_session(desk: Desk) -> None:
    code = await desk.register()
    assert (await desk.create(code)).status == 201
    again = await desk.create(code)
    assert (again.status, again.body["type"].rpartition("/")[2]) == (400, "sign-in-refused")


async def test_a_code_needs_its_verifier_and_its_address(desk: Desk) -> None:
    code = await desk.register()
    assert (await desk.create(dataclasses.replace(code, code_verifier="x" * 43))).status == 400
    code = await desk.login()
    assert (await desk.create(dataclasses.replace(code, redirect_uri="https://evil.example/cb"))).status == 400
    assert (await desk.create(dataclasses.replace(code, code="made-up"))).status == 400


async def test_keycloaks_refresh_token_is_not_given_away_and_not_readable_here(desk: Desk, database: Clone) -> None:
    created = await desk.create(await desk.register())
    assert "error" in await desk.browser.refresh(created.body["refresh_token"])
    async with database.reading() as tx:
        kept = await tx.value(Statement(select(AuthSession.keycloak_token)))
    assert b"eyJ" not in kept
    token = created.body["refresh_token"]
    keycloaks = refresh_tokens.unseal(kept, token, Purpose.KEYCLOAK_TOKEN).decode()
    assert "access_token" in await desk.browser.refresh(keycloaks)
    with pytest.raises(InvalidTag):
        refresh_tokens.unseal(kept, refresh_tokens.following(token), Purpose.KEYCLOAK_TOKEN)


async def test_each_sign_in_is_a_session_of_its_own_also_in_the_same_browser(desk: Desk) -> None:
    first, second = await desk.create(await desk.register()), await desk.create(await desk.login())
    for _ in range(2):
        first, second = [await desk.refresh(each.body["refresh_token"]) for each in (first, second)]
        assert (first.status, second.status) == (200, 200)
    assert first.body["session_id"] != second.body["session_id"]
    for mine, other in ((first, second), (second, first)):
        assert await desk.current(mine.body["access_token"]) == {
            mine.body["session_id"]: True,
            other.body["session_id"]: False,
        }


async def test_ending_one_of_two_sign_ins_of_a_browser_leaves_the_other(desk: Desk, database: Clone) -> None:
    first, second = await desk.create(await desk.register()), await desk.create(await desk.login())
    refreshed = await desk.refresh(first.body["refresh_token"])
    ended = await desk.call(
        "DELETE",
        f"/v1/sessions/{first.body['session_id']}",
        Authorization=f"Bearer {second.body['access_token']}",
    )
    assert ended.status == 204
    assert [await desk.me(each.body["access_token"]) for each in (first, refreshed, second)] == [401, 401, 200]
    assert (await desk.refresh(refreshed.body["refresh_token"])).status == 401
    assert await records.outbox(database, "session.log_out") == []
    second = await desk.refresh(second.body["refresh_token"])
    assert await desk.current(second.body["access_token"]) == {second.body["session_id"]: True}
    bearer = f"Bearer {second.body['access_token']}"
    assert (await desk.call("DELETE", "/v1/sessions/current", Authorization=bearer)).status == 204
    assert len(await records.outbox(database, "session.log_out")) == 1, "Keycloak's session goes with the last"


async def test_what_one_process_ends_another_refuses(desk: Desk, database: Clone, keycloak_settings: Settings) -> None:
    first, second = await desk.create(await desk.register()), await desk.create(await desk.login())
    async with api_app.running(keycloak_settings) as other, TestServer(other.app) as server:
        elsewhere = desk.at(server)
        assert await elsewhere.me(first.body["access_token"]) == 200
        bearer = f"Bearer {first.body['access_token']}"
        assert (await desk.call("DELETE", "/v1/sessions/current", Authorization=bearer)).status == 204

        async def refused() -> bool:
            return await elsewhere.me(first.body["access_token"]) == 401

        await eventually(refused)
        assert await elsewhere.me(second.body["access_token"]) == 200


async def test_two_sign_ins_ended_at_the_same_moment_end_keycloaks_session_once(desk: Desk, database: Clone) -> None:
    created = [await desk.create(await desk.register()), await desk.create(await desk.login())]
    await asyncio.gather(
        *(
            desk.call("DELETE", "/v1/sessions/current", Authorization=f"Bearer {each.body['access_token']}")
            for each in created
        )
    )
    assert len(await records.outbox(database, "session.log_out")) == 1
    assert [await desk.me(each.body["access_token"]) for each in created] == [401, 401]


async def test_a_token_of_keycloaks_own_signs_out_of_all_that_its_browser_has(desk: Desk) -> None:
    created = await desk.create(await desk.register())
    direct = await desk.browser.tokens(await desk.login())
    assert await desk.current(direct["access_token"]) == {created.body["session_id"]: False}
    bearer = f"Bearer {direct['access_token']}"
    assert (await desk.call("DELETE", "/v1/sessions/current", Authorization=bearer)).status == 204
    assert [await desk.me(direct["access_token"]), await desk.me(created.body["access_token"])] == [401, 401]
    assert (await desk.refresh(created.body["refresh_token"])).status == 401


async def test_a_refresh_gives_new_tokens(desk: Desk) -> None:
    created = await desk.create(await desk.register())
    refreshed = await desk.refresh(created.body["refresh_token"])
    assert refreshed.status == 200
    assert refreshed.body["refresh_token"] != created.body["refresh_token"]
    assert await desk.me(refreshed.body["access_token"]) == 200
    assert (await desk.refresh(refreshed.body["refresh_token"])).status == 200


async def test_the_same_refresh_repeated_gets_the_same_answer(desk: Desk) -> None:
    token = (await desk.create(await desk.register())).body["refresh_token"]
    answers = await asyncio.gather(*(desk.refresh(token) for _ in range(4)))
    answers.append(await desk.refresh(token))
    assert {answer.status for answer in answers} == {200}
    assert all(answer.body == answers[0].body for answer in answers)
    assert (await desk.refresh(answers[0].body["refresh_token"])).status == 200


async def test_a_refresh_token_that_comes_back_later_ends_the_session(desk: Desk, database: Clone) -> None:
    created = await desk.create(await desk.register())
    refreshed = await desk.refresh(created.body["refresh_token"])
    await let_ten_seconds_pass(database)
    stolen = await desk.refresh(created.body["refresh_token"])
    assert (stolen.status, stolen.body["type"].rpartition("/")[2]) == (401, "session-ended")
    assert (await desk.refresh(refreshed.body["refresh_token"])).status == 401
    assert "session.ended" in await acts(database)
    assert len(await records.outbox(database, "session.log_out")) == 1


async def test_a_refresh_token_of_long_ago_ends_its_session_and_no_other(desk: Desk, database: Clone) -> None:
    first, second = await desk.create(await desk.register()), await desk.create(await desk.login())
    now = first
    for _ in range(3):
        now = await desk.refresh(now.body["refresh_token"])
    assert (await desk.refresh(first.body["refresh_token"])).status == 401
    assert await desk.me(now.body["access_token"]) == 401
    assert (await desk.refresh(now.body["refresh_token"])).status == 401
    assert await desk.me(second.body["access_token"]) == 200
    assert (await desk.refresh(second.body["refresh_token"])).status == 200
    assert await records.outbox(database, "session.log_out") == []


async def test_what_ended_in_keycloak_ends_at_the_next_refresh(desk: Desk, database: Clone) -> None:
    created = await desk.create(await desk.register())
    await desk.browser.logout((await desk.browser.tokens(await desk.login()))["id_token"])
    assert (await desk.refresh(created.body["refresh_token"])).status == 401
    assert await desk.me(created.body["access_token"]) == 401


async def test_what_was_never_a_refresh_token_is_refused(desk: Desk) -> None:
    created = await desk.create(await desk.register())
    for token in ("x", created.body["access_token"], refresh_tokens.first()):
        assert (await desk.refresh(token)).status == 401
    assert (await desk.call("POST", "/v1/sessions/refresh", {})).status == 401


async def test_signing_out_ends_the_session_at_once(desk: Desk, database: Clone) -> None:
    created = await desk.create(await desk.register())
    bearer = f"Bearer {created.body['access_token']}"
    ended = await desk.call("DELETE", "/v1/sessions/current", Authorization=bearer)
    assert ended.status == 204
    assert "Max-Age=0" in ended.headers["Set-Cookie"]
    assert await desk.me(created.body["access_token"]) == 401
    assert (await desk.refresh(created.body["refresh_token"])).status == 401
    assert await acts(database) == ["session.started", "session.ended"]


async def test_sessions_are_listed_and_one_can_be_ended(desk: Desk) -> None:
    created = await desk.create(await desk.register())
    bearer = f"Bearer {created.body['access_token']}"
    (session,) = (await desk.call("GET", "/v1/sessions", Authorization=bearer)).body["items"]
    assert (session["id"], session["current"]) == (created.body["session_id"], True)
    assert session["device"] == {"name": "Alice's phone", "platform": "android"}
    assert (await desk.call("DELETE", f"/v1/sessions/{session['id']}", Authorization=bearer)).status == 204
    assert await desk.me(created.body["access_token"]) == 401


async def test_a_browser_gets_the_refresh_token_in_a_cookie_only(desk: Desk) -> None:
    same_site = {"Origin": desk.public_url, "Sec_Fetch_Site": "same-origin"}
    created = await desk.create(await desk.register(), transport="cookie", **same_site)
    assert (created.status, created.body["refresh_token"]) == (201, None)
    cookie = SimpleCookie(created.headers["Set-Cookie"])[COOKIE]
    assert (cookie["path"], cookie["secure"], cookie["httponly"], cookie["samesite"]) == ("/", True, True, "Strict")
    sent = {"Cookie": f"{COOKIE}={cookie.value}", **same_site}
    refreshed = await desk.call("POST", "/v1/sessions/refresh", {"transport": "cookie"}, **sent)
    assert (refreshed.status, refreshed.body["refresh_token"]) == (200, None)
    assert SimpleCookie(refreshed.headers["Set-Cookie"])[COOKIE].value != cookie.value


async def test_a_browser_that_signs_in_again_has_one_session(desk: Desk, database: Clone) -> None:
    same_site = {"Origin": desk.public_url, "Sec_Fetch_Site": "same-origin"}
    first = await desk.create(await desk.register(), transport="cookie", **same_site)
    cookie = SimpleCookie(first.headers["Set-Cookie"])[COOKIE]
    second = await desk.create(await desk.login(), transport="cookie", Cookie=f"{COOKIE}={cookie.value}", **same_site)
    assert await desk.current(second.body["access_token"]) == {second.body["session_id"]: True}
    assert await acts(database) == ["session.started", "session.ended", "session.started"]
    assert await records.outbox(database, "session.log_out") == []


async def test_the_cookie_does_nothing_for_another_site(desk: Desk) -> None:
    for headers in (
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ):
        sent = {"Cookie": f"{COOKIE}=whatever", **headers}
        answer = await desk.call("POST", "/v1/sessions/refresh", {"transport": "cookie"}, **sent)
        assert (answer.status, answer.body["type"].rpartition("/")[2]) == (403, "cross-site"), headers
