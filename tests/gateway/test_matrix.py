"""Any Matrix client, served from any origin, works against the gateway's address."""

from __future__ import annotations

import json
import time
from io import BytesIO

import pytest

from tests.gateway.conftest import Gateway, Nginx

MIB = 1024 * 1024
ORIGIN = "Origin: https://app.element.example"


async def test_clients_find_the_homeserver(gateway: Gateway) -> None:
    answer = await gateway.raw("/.well-known/matrix/client", ORIGIN)
    assert json.loads(answer.body) == {"m.homeserver": {"base_url": gateway.url}}
    assert answer.all("Content-Type") == ["application/json"]


async def test_servers_find_the_homeserver(gateway: Gateway) -> None:
    answer = await gateway.raw("/.well-known/matrix/server")
    assert json.loads(answer.body) == {"m.server": f"localhost:{gateway.port}"}


@pytest.mark.parametrize("name", ["client", "server", "support", "client/x", "", "Client"])
async def test_what_is_well_known_is_json_with_cors_and_never_the_app(gateway: Gateway, name: str) -> None:
    target = f"/.well-known/matrix/{name}"
    for method in ("GET", "POST", "OPTIONS"):
        answer = await gateway.raw(target, ORIGIN, "Content-Length: 0", method=method)
        assert answer.all("Access-Control-Allow-Origin") == ["*"]
        if method == "OPTIONS":
            assert answer.status == 204
        else:
            assert answer.all("Content-Type") == ["application/json"]
            assert answer.status == (405 if method == "POST" else 200 if name in ("client", "server") else 404)
            json.loads(answer.body)


async def test_the_homeservers_cors_is_neither_stripped_nor_doubled(gateway: Gateway) -> None:
    for method in ("GET", "OPTIONS"):
        answer = await gateway.raw("/_matrix/client/versions", ORIGIN, method=method)
        assert answer.status == 200
        assert answer.all("Access-Control-Allow-Origin") == ["*"]
        assert answer.all("Access-Control-Allow-Headers") == ["X-Requested-With, Content-Type"]


async def test_room_ids_and_queries_arrive_as_they_were_sent(gateway: Gateway) -> None:
    target = "/_matrix/client/v3/rooms/%21room%3Ahost/send/m.room.message/a%2Fb?ts=1&x=%20"
    async with gateway.http.put(gateway.url + "/_matrix/client/v3/x") as answer:
        assert (await answer.json())["method"] == "PUT"
    assert json.loads((await gateway.raw(target)).body)["target"] == target


async def test_fifty_megabytes_pass_and_more_are_refused_so_that_clients_can_read_it(gateway: Gateway) -> None:
    upload = f"{gateway.url}/_matrix/media/v3/upload"
    async with gateway.http.post(upload, data=BytesIO(bytes(50 * MIB))) as answer:
        assert (await answer.json())["received"] == 50 * MIB
    refused = await gateway.raw("/_matrix/media/v3/upload", ORIGIN, f"Content-Length: {50 * MIB + 1}", method="POST")
    assert (refused.status, refused.all("Access-Control-Allow-Origin")) == (413, ["*"])
    assert json.loads(refused.body)["errcode"] == "M_TOO_LARGE"


async def test_a_long_poll_outlasts_what_is_usual(gateway: Gateway) -> None:
    started = time.monotonic()
    async with gateway.http.get(f"{gateway.url}/_matrix/client/v3/sync?wait=61") as answer:
        assert answer.status == 200
    assert time.monotonic() - started > 60


async def test_clients_are_not_slowed_down_here(gateway: Gateway) -> None:
    answers = [await gateway.raw("/_matrix/client/v3/sync", "Authorization: Bearer one") for _ in range(300)]
    assert {answer.status for answer in answers} == {200}


async def test_while_the_homeserver_is_away_clients_can_read_that(nginx: Nginx, unused_tcp_port_factory) -> None:
    nginx.values["METON_SYNAPSE"] = f"127.0.0.1:{unused_tcp_port_factory()}"
    async with nginx.running() as gateway:
        answer = await gateway.raw("/_matrix/client/versions", ORIGIN)
    assert (answer.status, answer.all("Access-Control-Allow-Origin")) == (502, ["*"])
    assert json.loads(answer.body)["errcode"] == "M_UNKNOWN"


@pytest.mark.parametrize(
    "target",
    [
        "/_synapse/admin/v1/users",
        "/_synapse/admin",
        "/_synapse/metrics",
        "/_synapse/client/../admin/v1/users",
        "/_synapse/client/%2e%2e/admin/v1/users",
        "/_synapse/client/..%2fadmin/v1/users",
        "/_synapse//admin/v1/users",
        "//_synapse/admin/v1/users",
        "/_matrix/../_synapse/admin/v1/users",
        # what Synapse sees in these is its admin API, with a strange name at the end
        "/_synapse/admin/v2/users/..%2f..%2f..%2f..%2f_matrix%2fx",
        "/_synapse/admin/v1/whois/@bob:x/../../../../../_matrix/x",
        "/_synapse/admin/v1/users/..%2f..%2f..%2fclient%2fx",
        "/%5fsynapse/admin/v1/users",
        "/_Synapse/admin/v1/users",
    ],
)
async def test_the_homeservers_administration_is_out_of_reach(gateway: Gateway, target: str) -> None:
    assert (await gateway.raw(target)).status == 404
    assert (await gateway.raw("/_synapse/client/oidc/callback?code=x")).status == 200


async def test_the_log_names_no_room_person_or_token(gateway: Gateway) -> None:
    await gateway.raw("/_matrix/client/v3/rooms/%21secret%3Ahost/send/x?access_token=syt_secret")
    await gateway.raw("/_matrix/client/v3/profile/@secret:host", "Authorization: Bearer syt_secret")
    log = gateway.log.read_text(encoding="utf-8")
    assert '"path":"/_matrix/client/v3/rooms"' in log
    assert "secret" not in log
