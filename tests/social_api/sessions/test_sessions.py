"""Signing in, refreshing and signing out, with the real Keycloak."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta
from http.cookies import SimpleCookie

from sqlalchemy import func, select, update

from db.engine import Statement
from db.models import AuditLog, AuthSession, User
from tests.social_api.sessions.conftest import Desk
from tests.support import records
from tests.support.clones import Clone

COOKIE = "__Host-meton-refresh"


async def acts(database: Clone) -> list[str]:
    async with database.reading() as tx:
        return [row["action"] for row in await tx.rows(Statement(select(AuditLog.action).order_by(AuditLog.position)))]


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


async def test_signing_in_again_in_the_same_browser_goes_on_with_the_session(desk: Desk, database: Clone) -> None:
    first = await desk.create(await desk.register())
    second = await desk.create(await desk.login())
    assert first.body["session_id"] == second.body["session_id"]
    assert await records.count(database, AuthSession) == 1


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
    async with database.transaction() as tx:
        await tx.execute(Statement(update(AuthSession).values(previous_until=func.now() - timedelta(seconds=1))))
    stolen = await desk.refresh(created.body["refresh_token"])
    assert (stolen.status, stolen.body["type"].rpartition("/")[2]) == (401, "session-ended")
    assert (await desk.refresh(refreshed.body["refresh_token"])).status == 401
    assert "session.ended" in await acts(database)
    assert len(await records.outbox(database, "session.log_out")) == 1
    answer = await desk.browser.refresh(refreshed.body["refresh_token"])
    assert "error" in answer, "Keycloak must have ended it too"


async def test_what_was_never_a_refresh_token_is_refused(desk: Desk) -> None:
    created = await desk.create(await desk.register())
    for token in ("x", created.body["access_token"]):
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
