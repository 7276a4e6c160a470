"""What passes to whom, as what, and what does not pass."""

from __future__ import annotations

import json

import pytest
from aiohttp.test_utils import TestServer

from tests.gateway.conftest import Gateway, Nginx


async def reached(gateway: Gateway, target: str, *lines: str) -> dict[str, str]:
    answer = await gateway.raw(target, *lines)
    assert answer.status == 200
    headers: dict[str, str] = json.loads(answer.body)["headers"]
    return headers


@pytest.mark.parametrize("target", ["/api/v1/feed?sort=latest", "/api/v1/profiles/alice%40meton", "/auth/realms/meton"])
async def test_paths_arrive_as_they_were_sent(gateway: Gateway, target: str) -> None:
    assert json.loads((await gateway.raw(target)).body)["target"] == target


async def test_nobody_is_believed_who_says_where_he_comes_from(gateway: Gateway) -> None:
    lies = [
        "X-Forwarded-For: 6.6.6.6",
        "X-Real-IP: 6.6.6.6",
        "Forwarded: for=6.6.6.6",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: evil.example",
        "X-Request-Id: chosen",
    ]
    for target in ("/api/v1/me", "/auth/realms/meton", "/_matrix/client/versions", "/ws"):
        headers = await reached(gateway, target, *lies)
        assert headers["X-Forwarded-For"] == "127.0.0.1"
        assert (headers["X-Forwarded-Proto"], headers["X-Forwarded-Host"]) == ("http", "localhost")
        assert headers["X-Request-Id"] not in ("", "chosen")
        assert not {"X-Real-IP", "Forwarded"} & headers.keys()


async def test_answers_carry_the_request_id_that_the_services_log(gateway: Gateway) -> None:
    answer = await gateway.raw("/api/v1/me")
    assert answer.all("X-Request-Id") == [json.loads(answer.body)["headers"]["X-Request-Id"]]


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "10.0.0.1", "meton", None])
async def test_other_hosts_are_not_answered(gateway: Gateway, host: str | None) -> None:
    answer = await gateway.raw("/", host=host)
    assert answer.status == (400 if host is None else 0)  # HTTP/1.1 without a host is malformed


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "localhost:8080", "LOCALHOST"])
async def test_it_answers_to_its_own_names(gateway: Gateway, host: str) -> None:
    assert (await gateway.raw("/", host=host)).status == 200


@pytest.mark.parametrize(
    "target",
    [
        *("/health", "/metrics", "/nothing", "/.env", "/.well-known/", "/landing", "/landing/"),
        *(
            "/auth/metrics",
            "/auth/health",
            "/auth/health/ready",
            "/auth/%6detrics",
            "/auth//metrics",
            "/auth/x/../health",
        ),
        *("/api/../health", "/api/..%2fmetrics", "/ws/../metrics", "/landing/../nginx.conf", "/landing../media.js"),
    ],
)
async def test_what_is_not_for_people_is_not_found(gateway: Gateway, target: str) -> None:
    answer = await gateway.raw(target)
    assert (answer.status, answer.all("Content-Type")) == (404, ["application/problem+json"])


async def test_sign_in_keeps_its_own_security_headers(gateway: Gateway) -> None:
    assert not (await gateway.raw("/auth/realms/meton")).all("X-Frame-Options")
    assert (await gateway.raw("/auth")).all("Location") == ["/auth/"]


@pytest.mark.parametrize("target", ["/", "/api/v1/me", "/nothing", "/media/x", "/.well-known/matrix/client"])
async def test_security_headers_are_everywhere_once(gateway: Gateway, target: str) -> None:
    answer = await gateway.raw(target)
    assert answer.all("X-Content-Type-Options") == ["nosniff"]
    assert answer.all("X-Frame-Options") == ["DENY"]
    assert answer.all("Referrer-Policy") == ["no-referrer"]
    assert answer.all("Server") == ["nginx"]


async def test_the_socket_goes_through(gateway: Gateway) -> None:
    async with gateway.http.ws_connect(f"{gateway.url}/ws", headers={"X-Forwarded-For": "6.6.6.6"}) as socket:
        await socket.send_str("hello")
        assert await socket.receive_str() == "127.0.0.1 said hello"


async def test_a_large_body_is_refused_in_the_apis_manner(gateway: Gateway) -> None:
    async with gateway.http.post(f"{gateway.url}/api/v1/posts", data=bytes(1_000_000)) as answer:
        assert answer.status == 200
    refused = await gateway.raw("/api/v1/posts", "Content-Length: 1048577", method="POST")
    assert (refused.status, json.loads(refused.body)["status"]) == (413, 413)
    assert refused.all("Content-Type") == ["application/problem+json"]


async def test_one_caller_cannot_take_it_all_and_others_do_not_suffer(gateway: Gateway) -> None:
    answers = [await gateway.raw("/api/v1/me", "Authorization: Bearer header.claims.one") for _ in range(400)]
    refused = [answer for answer in answers if answer.status != 200]
    assert refused
    assert {(answer.status, *answer.all("Retry-After")) for answer in refused} == {(429, "1")}
    assert answers[99].status == 200
    assert (await gateway.raw("/api/v1/me", "Authorization: Bearer header.claims.other")).status == 200


async def test_while_the_api_is_away_people_may_try_again(nginx: Nginx, behind: TestServer) -> None:
    await behind.close()
    async with nginx.running() as gateway:
        answer = await gateway.raw("/api/v1/me")
        page = await gateway.raw("/")
    assert (answer.status, json.loads(answer.body)["status"], answer.all("Retry-After")) == (502, 502, ["2"])
    assert page.status == 200


async def test_the_first_page_says_where_everything_is_in_both_languages(gateway: Gateway) -> None:
    answer = await gateway.raw("/")
    page = answer.body.decode()
    assert "<script" not in page
    assert f"<code>{gateway.url}</code>" in page
    assert 'lang="hi"' in page
    [policy] = answer.all("Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    assert (await gateway.raw("/landing/style.css")).all("Content-Type") == ["text/css"]


async def test_the_log_names_no_person_query_or_whole_address(gateway: Gateway) -> None:
    await gateway.raw("/api/v1/profiles/secret%40meton?q=secret", "Authorization: Bearer secret", "Cookie: x=secret")
    await gateway.raw("/auth/realms/meton/login-actions/authenticate?session_code=secret")
    await gateway.raw("/secret", "Referer: https://secret.example", "User-Agent: secret")
    lines = [json.loads(line) for line in gateway.log.read_text(encoding="utf-8").splitlines()][-3:]
    assert [line["path"] for line in lines] == ["/api/v1/profiles", "/auth/realms/meton/login-actions", "/-"]
    assert {line["network"] for line in lines} == {"127.0.0.0"}
    assert "secret" not in json.dumps(lines)
