"""Rate limits, shared through Valkey and paid for in advance.

A process leases permits in batches, so that most requests are counted in memory and cost no round trip; the bucket
behind them (GCRA: one number a key) is the same for all processes. While Valkey is away each process limits for itself.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict

import structlog
from prometheus_client import Counter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from social_api.problems import TooManyRequests
from social_api.route import Limit

_log = structlog.get_logger()
_refused = Counter("meton_api_rate_limited_total", "Requests refused by a rate limit", ["limit"])
_alone = Counter("meton_api_rate_limit_fallback_total", "Leases given by the process alone, Valkey being away")

_CAPACITY = 50_000
_RETRY_VALKEY_AFTER = 2.0

# KEYS[1] bucket; ARGV: milliseconds a permit, burst, permits wanted. Answers {permits, milliseconds until the next}.
_LEASE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local interval, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local free = math.floor((burst * interval - (full_at - now)) / interval + 0.001)
if free < 1 then return {0, math.ceil(full_at - now - (burst - 1) * interval)} end
local given = math.min(free, wanted)
full_at = full_at + given * interval
redis.call('SET', KEYS[1], string.format('%.3f', full_at), 'PX', math.ceil(full_at - now))
return {given, 0}
"""


class _Lease:
    """Permits that this process holds for one person or address."""

    __slots__ = ("full_at", "left", "lock", "refused_until")

    def __init__(self) -> None:
        self.left = 0
        self.refused_until = 0.0
        self.full_at = 0.0  # the bucket of the process alone
        self.lock = asyncio.Lock()


class Limiter:
    """Counts requests; `factor` multiplies every limit."""

    def __init__(self, valkey: Redis, factor: float = 1.0) -> None:
        self._lease_script = valkey.register_script(_LEASE)
        self._factor = factor
        self._leases: OrderedDict[tuple[str, str], _Lease] = OrderedDict()
        self._valkey_again_at = 0.0

    def take(self, limit: Limit, who: str) -> bool:
        """Take a permit that is at hand; False means `lease` must be awaited."""
        lease = self._leases.get((limit.name, who))
        if lease is None or lease.left == 0:
            return False
        lease.left -= 1
        return True

    async def lease(self, limit: Limit, who: str) -> None:
        """Get more permits and take one; raises TooManyRequests."""
        lease = self._lease_of((limit.name, who))
        async with lease.lock:
            if lease.left == 0:
                await self._fill(lease, limit, who)
            if lease.left == 0:
                _refused.labels(limit.name).inc()
                raise TooManyRequests(retry_after=max(1, math.ceil(lease.refused_until - time.monotonic())))
            lease.left -= 1

    def _lease_of(self, key: tuple[str, str]) -> _Lease:
        lease = self._leases.get(key)
        if lease is None:
            lease = self._leases[key] = _Lease()
            if len(self._leases) > _CAPACITY:
                self._leases.popitem(last=False)
        self._leases.move_to_end(key)
        return lease

    async def _fill(self, lease: _Lease, limit: Limit, who: str) -> None:
        now = time.monotonic()
        if now < lease.refused_until:
            return
        interval = 60.0 / (limit.per_minute * self._factor)
        burst = max(1, int(limit.burst * self._factor))
        wanted = max(1, burst // 10)
        given, wait = await self._ask_valkey(limit, who, interval, burst, wanted) or _alone_lease(
            lease, interval, burst, wanted
        )
        lease.left = given
        if given == 0:
            lease.refused_until = now + wait

    async def _ask_valkey(
        self, limit: Limit, who: str, interval: float, burst: int, wanted: int
    ) -> tuple[int, float] | None:
        """Permits and seconds to wait; None while Valkey is away, which is tried again every two seconds."""
        if time.monotonic() < self._valkey_again_at:
            return None
        try:
            given, wait = await self._lease_script(
                keys=[f"limit:{limit.name}:{who}"], args=[interval * 1000, burst, wanted]
            )
        except (RedisError, OSError) as error:
            self._valkey_again_at = time.monotonic() + _RETRY_VALKEY_AFTER
            _log.warning("rate limits are kept by this process alone", error=type(error).__name__)
            return None
        return int(given), int(wait) / 1000


def _alone_lease(lease: _Lease, interval: float, burst: int, wanted: int) -> tuple[int, float]:
    """What the script does, for this process."""
    _alone.inc()
    now = time.monotonic()
    full_at = max(lease.full_at, now)
    free = int((burst * interval - (full_at - now)) / interval + 0.001)
    if free < 1:
        return 0, full_at - now - (burst - 1) * interval
    given = min(free, wanted)
    lease.full_at = full_at + given * interval
    return given, 0.0
