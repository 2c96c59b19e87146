"""The embedded store for an async engine: the same records, bytes of files awaited from their sender."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from cubequery.stores.commands import Command
from cubequery.stores.files import Meter, OpenFile, PutFile, pieces_async
from cubequery.stores.memory import MemoryStore
from cubequery.stores.memory_files import AwaitedFile


class AsyncMemoryStore:
    """A :class:`~cubequery.stores.memory.MemoryStore`, awaited; ``store`` is that store itself, for loading and saving.

    Commands are carried out at once: records in memory leave nothing to wait for.
    """

    def __init__(self, store: MemoryStore | str | Path | None = None) -> None:
        self.store = store if isinstance(store, MemoryStore) else MemoryStore(store)

    async def execute(self, command: Command[Any]) -> Any:
        """The answer of one command."""
        if isinstance(command, PutFile):
            meter = Meter(command.most)
            data = b"".join([meter.add(piece) async for piece in pieces_async(command.source)])
            return self.store.execute(replace(command, source=data))
        answer = self.store.execute(command)
        return AwaitedFile(answer) if isinstance(command, OpenFile) and answer is not None else answer
