"""The embedded store of a server, kept in its file: saved every few seconds where something has changed, and at the end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.concurrency import run_in_threadpool

from cubequery.stores import AsyncMemoryStore
from cubequery.stores.commands import Command

log = logging.getLogger("cubequery.server")
SAVE_SECONDS = 5.0


class SavedStore(AsyncMemoryStore):
    """An embedded store that knows whether it holds something that its file does not."""

    changed = False

    async def execute(self, command: Command[Any]) -> Any:
        """The answer of one command."""
        self.changed = self.changed or command.writes
        return await super().execute(command)

    async def save(self) -> None:
        """Bring the file up to date, where there is one. What fails is logged, and tried again the next time."""
        if self.store.path is None or not self.changed:
            return
        self.changed = False
        try:
            await run_in_threadpool(self.store.save)
        except Exception as error:
            self.changed = True
            log.error("%s: not saved: %s", self.store.path, type(error).__name__)


@asynccontextmanager
async def saving(store: SavedStore, seconds: float = SAVE_SECONDS) -> AsyncIterator[None]:
    """A block during which the store is saved every few seconds, and once more at its end."""

    async def repeat() -> None:
        while True:
            await asyncio.sleep(seconds)
            await store.save()

    task = asyncio.create_task(repeat())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await store.save()
