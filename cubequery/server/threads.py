"""Engines of both kinds, awaited: a sync engine works in threads, and streams of bytes cross over piece by piece."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from functools import lru_cache
from types import MethodType
from typing import Any

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool


async def call(found: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """What a function gives, awaited where it is async, else run in a thread."""
    if is_async(found):
        return await found(*args, **named)
    return await run_in_threadpool(found, *args, **named)


def is_async(found: Callable[..., Any]) -> bool:
    """Whether calling it gives something to await; an object with an async ``__call__`` does."""
    return _is_async_method(found.__func__) if isinstance(found, MethodType) else _is_async(found)


def _is_async(found: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(found) or inspect.iscoroutinefunction(getattr(found, "__call__", None))  # noqa: B004 -- the method itself


@lru_cache(maxsize=64)
def _is_async_method(function: Callable[..., Any]) -> bool:
    """Remembered by the class's function, which no engine hangs on; it is asked for with every request."""
    return _is_async(function)


def source_for(method: Callable[..., Any], pieces: AsyncIterator[bytes]) -> Any:
    """Pieces of a body as the engine that has this method takes them; in a thread each piece is waited for."""
    return pieces if is_async(method) else _pulled(pieces, asyncio.get_running_loop())


def _pulled(pieces: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop) -> Iterator[bytes]:
    async def following() -> bytes | None:
        return await anext(pieces, None)

    while (piece := asyncio.run_coroutine_threadsafe(following(), loop).result()) is not None:
        yield piece


def chunks_of(handle: Any) -> AsyncIterator[bytes]:
    """The pieces that a download gives, whichever engine it comes from."""
    return handle if isinstance(handle, AsyncIterator) else iterate_in_threadpool(handle)
