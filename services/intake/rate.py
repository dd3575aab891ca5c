"""How often a sender may call, counted in Valkey; without Valkey nobody is held up."""

import asyncio
import time
from collections.abc import Callable

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

MINUTE = 60
# a cache that does not answer at once is worth less than the record it would hold up
PATIENCE = 0.2
REST = 5.0

log = structlog.get_logger()


class Rate:
    """
    At most *a_minute* requests a minute for each holder of a key, over all replicas.

    A part of its service, which it never makes unready: when Valkey is away it allows everything
    and asks again after a rest.
    """

    name = "rate"
    done = 0

    def __init__(self, url: str, *, a_minute: int, clock: Callable[[], float] = time.time) -> None:
        self.a_minute = a_minute
        self._clock = clock
        self._valkey = Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        self._rests_until = 0.0

    async def start(self) -> None:
        """Nothing: a connection is made when one is needed."""

    async def stop(self) -> None:
        """Close the connections."""
        await self._valkey.aclose()

    def trouble(self) -> str | None:
        """Never any."""
        return None

    async def waiting(self) -> int:
        """Never anything."""
        return 0

    async def wait_for(self, holder: str) -> int:
        """The seconds *holder* must wait before this request may come; 0 when it may now."""
        now = self._clock()
        if now < self._rests_until:
            return 0
        minute = int(now // MINUTE)
        try:
            async with asyncio.timeout(PATIENCE):  # connecting and asking, all together
                count = await self._count(f"p2a:intake:rate:{holder}:{minute}")
        except (RedisError, OSError):
            self._rests_until = now + REST
            log.warning("Valkey is away: requests are not counted", seconds=REST)
            return 0
        return 0 if count <= self.a_minute else (minute + 1) * MINUTE - int(now)

    async def _count(self, key: str) -> int:
        async with self._valkey.pipeline(transaction=True) as both:
            both.incr(key)
            both.expire(key, 2 * MINUTE)
            count, _ = await both.execute()
        return int(count)
