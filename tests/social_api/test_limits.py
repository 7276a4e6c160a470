"""Rate limits."""

from __future__ import annotations

import dataclasses

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from social_api import app as api_app
from social_api.limits import Limiter
from social_api.problems import TooManyRequests
from social_api.route import Limit
from social_api.settings import Settings

TEN = Limit("ten", per_minute=60, burst=10)


async def take(limiter: Limiter, who: str = "alice", limit: Limit = TEN) -> None:
    if not limiter.take(limit, who):
        await limiter.lease(limit, who)


async def taken(limiter: Limiter, times: int, who: str = "alice") -> int:
    """How many of so many requests get through."""
    through = 0
    for _ in range(times):
        try:
            await take(limiter, who)
        except TooManyRequests:
            continue
        through += 1
    return through


async def test_the_burst_gets_through_and_then_no_more(valkey: Redis) -> None:
    limiter = Limiter(valkey)
    assert 10 <= await taken(limiter, 40) <= 12  # one or two may have come back meanwhile
    with pytest.raises(TooManyRequests) as refused:
        await take(limiter)
    assert refused.value.members["retry_after"] == 1


async def test_people_do_not_share_a_limit(valkey: Redis) -> None:
    limiter = Limiter(valkey)
    await taken(limiter, 40)
    assert await taken(limiter, 5, "bob") == 5


async def test_processes_share_one(valkey: Redis) -> None:
    one, other = Limiter(valkey), Limiter(valkey)
    assert 10 <= await taken(one, 10) + await taken(other, 10) <= 12


async def test_permits_come_in_batches_so_most_requests_ask_nobody(valkey: Redis) -> None:
    generous = Limit("generous", per_minute=6000, burst=1000)
    limiter = Limiter(valkey)
    await take(limiter, limit=generous)
    at_hand = sum(limiter.take(generous, "alice") for _ in range(200))
    assert at_hand == 99


async def test_a_factor_raises_every_limit(valkey: Redis) -> None:
    assert await taken(Limiter(valkey, factor=2), 20) == 20


async def test_without_valkey_the_process_limits_for_itself(settings: Settings) -> None:
    nobody_there = api_app.open_valkey(dataclasses.replace(settings, valkey_url="redis://127.0.0.1:1/0"))
    assert 10 <= await taken(Limiter(nobody_there), 40) <= 12
    await nobody_there.aclose()


async def test_over_the_limit_the_answer_is_429_and_says_when_to_come_back(settings: Settings) -> None:
    strict = dataclasses.replace(settings, rate_limit_factor=0.01)
    async with api_app.running(strict) as running, TestServer(running.app) as server, aiohttp.ClientSession() as http:
        url = server.make_url("/api/v1/health")
        statuses = []
        for _ in range(4):
            async with http.get(url, headers={"X-Forwarded-For": "192.0.2.1"}) as answer:
                statuses.append(answer.status)
        assert statuses == [200, 200, 429, 429]
        assert int(answer.headers["Retry-After"]) >= 1
        async with http.get(url, headers={"X-Forwarded-For": "192.0.2.2"}) as answer:
            assert answer.status == 200


async def test_an_address_is_believed_from_the_gateway_alone(settings: Settings) -> None:
    alone = dataclasses.replace(settings, rate_limit_factor=0.01, gateway_networks=())
    async with api_app.running(alone) as running, TestServer(running.app) as server, aiohttp.ClientSession() as http:
        statuses = []
        for number in range(3):
            forwarded = {"X-Forwarded-For": f"192.0.2.{number}"}
            async with http.get(server.make_url("/api/v1/health"), headers=forwarded) as answer:
                statuses.append(answer.status)
        assert statuses == [200, 200, 429]
