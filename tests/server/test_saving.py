"""Records in memory that a server keeps in a file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import cubequery as cq
from cubequery.server.process import Serving
from cubequery.server.saving import SavedStore, saving
from cubequery.stores.commands import Insert
from tests.support.fixture import ITEM


def thing(store: SavedStore, number: int) -> Any:
    return store.execute(Insert(ITEM, [{"_id": number, "n": number}]))


def test_what_changes_is_saved_every_few_seconds(tmp_path: Path, runner: asyncio.Runner) -> None:
    path = tmp_path / "records.jsonl"
    store = SavedStore(cq.MemoryStore(path))

    async def story() -> None:
        async with saving(store, 0.01):
            await asyncio.sleep(0.05)
            assert not path.exists()  # nothing has changed
            await thing(store, 1)
            while not path.exists():
                await asyncio.sleep(0.01)
            assert len(cq.MemoryStore(path).records("item")) == 1
            await thing(store, 2)
        assert not store.changed

    runner.run(story())
    assert len(cq.MemoryStore(path).records("item")) == 2


def test_a_save_that_fails_is_told_and_tried_again(tmp_path: Path, runner: asyncio.Runner, caplog: Any) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    store = SavedStore(cq.MemoryStore(folder / "records.jsonl"))

    async def story() -> None:
        await thing(store, 1)
        folder.rename(tmp_path / "away")
        await store.save()
        assert store.changed
        (tmp_path / "away").rename(folder)
        await store.save()
        assert not store.changed

    runner.run(story())
    assert ["not saved: FileNotFoundError" in record.getMessage() for record in caplog.records] == [True]
    assert len(cq.MemoryStore(folder / "records.jsonl").records("item")) == 1


def test_a_demo_that_is_kept_goes_on_where_it_was(tmp_path: Path, runner: asyncio.Runner) -> None:
    data = str(tmp_path / "demo.jsonl")
    first = Serving(data=data).load_store()
    assert len(first.store.records("profile")) == 1000
    first.store.records("profile").popitem()
    first.changed = True
    runner.run(first.save())
    assert len(Serving(data=data).load_store().store.records("profile")) == 999
    assert [path.name for path in tmp_path.iterdir()] == ["demo.jsonl"]
