"""How many requests one actor may make: counted in memory, or in a database that several processes share."""

from __future__ import annotations

import math
import time
from typing import NamedTuple
from urllib.parse import urlsplit

from limits import aio, parse, storage, strategies
from limits.errors import ConfigurationError, StorageError
from starlette.types import Scope

from cubequery.acl import Actor
from cubequery.errors import DefinitionError
from cubequery.server.answers import plain_refusal
from cubequery.server.threads import call

MEMORY = "memory://"


class Window(NamedTuple):
    """How many requests a window takes, how many it still takes, and in how many seconds, at least one, it is new."""

    limit: int
    remaining: int
    seconds: int


class RateLimit:
    """``rate`` is such as ``60/minute``, in any window of that length; ``uri`` where it is counted: memory, Redis or MongoDB.

    In MongoDB that is the URI's database, in collections that no class can have. Raises DefinitionError for what is no rate or no
    place to count. ``fixed``: the window opens with the first request and does not move, and what is refused is not counted.
    """

    def __init__(self, rate: str, uri: str = MEMORY, *, fixed: bool = False) -> None:
        try:
            self._rate = parse(rate)
            kept = storage.storage_from_string(f"async+{uri}" if uri == MEMORY else uri, wrap_exceptions=True, **_options(uri))
        except (ValueError, ConfigurationError) as error:
            raise DefinitionError([f"no rate or no place to count requests: {error}"]) from None
        self._limiter: aio.strategies.RateLimiter | strategies.RateLimiter
        if isinstance(kept, aio.storage.Storage):
            self._limiter = (aio.strategies.FixedWindowRateLimiter if fixed else aio.strategies.MovingWindowRateLimiter)(kept)
        else:
            self._limiter = (strategies.FixedWindowRateLimiter if fixed else strategies.MovingWindowRateLimiter)(kept)

    async def state(self, key: str) -> Window:
        """How the window of a key stands. Raises RequestError 503."""
        try:
            stats = await call(self._limiter.get_window_stats, self._rate, key)
        except StorageError as error:
            raise plain_refusal("unavailable") from error
        return Window(self._rate.amount, max(0, stats.remaining), max(1, math.ceil(float(stats.reset_time) - time.time())))

    async def wait(self, key: str) -> int | None:
        """None where one more request is within the rate, and counted; else the seconds after which it would be.

        Raises RequestError 503 where it cannot be counted.
        """
        try:
            if await call(self._limiter.hit, self._rate, key):
                return None
        except StorageError as error:
            raise plain_refusal("unavailable") from error
        return (await self.state(key)).seconds


def _options(uri: str) -> dict[str, str]:
    if not uri.startswith("mongodb"):
        return {}
    database = urlsplit(uri).path.strip("/")
    named = {"database_name": database} if database else {}
    return {"counter_collection_name": "cubequery.counters", "window_collection_name": "cubequery.windows", **named}


def bucket(actor: Actor | None, scope: Scope) -> str:
    """Whose requests are counted together: those of a user, of whatever kind and by whichever door, else those of an address."""
    if actor is not None and actor.user_id is not None:
        return f"user {actor.user_id!r}"
    client = scope.get("client")
    return f"address {client[0] if client else ''}"
