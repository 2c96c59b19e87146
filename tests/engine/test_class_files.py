"""Class files: when they are read again, how they are replaced, and what becomes of those that cannot be read."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import cubequery as cq
from tests.engine.shelves import Hands

ONE, TWO = cq.ClassSchema("x", {"one": cq.Integer}), cq.ClassSchema("x", {"two": cq.Integer})
LONG_AGO = 946_684_800


class Counted(cq.FileClasses):
    """A class file that counts how often it is parsed, and in which threads it is looked at."""

    def __init__(self, path: Path, **options: Any) -> None:
        self.parsed, self.threads = 0, set[int]()
        super().__init__(path, **options)

    def read(self) -> Any:
        self.threads.add(threading.get_ident())
        found = super().read()
        self.parsed += found is not None
        return found


def write(path: Path, *schemas: cq.ClassSchema, at: int | None = None) -> Path:
    """A class file, changed at this time (now)."""
    path.write_text(json.dumps({"classes": [schema.to_json() for schema in schemas]}), encoding="utf-8")
    if at is not None:
        os.utime(path, (at, at))
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "classes.json", ONE, at=LONG_AGO)


def fields(source: cq.ClassSource) -> list[str]:
    """The fields of class x, after a look."""
    source.load()
    return list(source.classes["x"].fields)


def test_it_is_read_again_when_its_time_size_or_inode_is_another(path: Path) -> None:
    source = Counted(path)
    assert (fields(source), fields(source), source.parsed) == (["one"], ["one"], 1)
    write(path, TWO, at=LONG_AGO + 1)  # of the same size
    assert (fields(source), source.parsed) == (["two"], 2)
    write(path, ONE, TWO_MORE, at=LONG_AGO + 1)
    assert (fields(source), source.parsed) == (["one"], 3)
    write(path.with_name("next"), TWO, TWO_MORE, at=LONG_AGO + 1).replace(path)
    assert (fields(source), source.parsed) == (["two"], 4)
    os.utime(path, (LONG_AGO + 2, LONG_AGO + 2))
    assert (fields(source), source.parsed) == (["two"], 4)  # touched only


TWO_MORE = cq.ClassSchema("y", {"two": cq.Integer})


def test_a_change_within_one_tick_of_the_clock_is_seen(path: Path) -> None:
    """The same size, inode and time: a file that was changed just now is not trusted to stay."""
    now = int(time.time())
    source = Counted(write(path, ONE, at=now))
    assert fields(source) == ["one"]
    write(path, TWO, at=now)
    assert fields(source) == ["two"]
    assert (fields(source), source.parsed) == (["two"], 2)


def test_max_age_saves_looks(path: Path) -> None:
    clock = Hands()
    source = Counted(path, clock=clock, max_age=10)
    write(path, TWO)
    clock.seconds += 9.9
    assert not source.due()
    assert fields(source) == ["one"]
    clock.seconds += 0.1
    assert source.due()
    assert fields(source) == ["two"]


def test_an_async_engine_looks_in_a_thread(path: Path, runner: Any) -> None:
    """The event loop is never kept waiting for a disk; within `max_age` no thread is asked at all."""
    clock = Hands()
    source = Counted(path, clock=clock, max_age=1)
    source.threads.clear()
    engine = cq.AsyncEngine(cq.AsyncMemoryStore(), source)
    assert "x" in engine.classes
    runner.run(engine.list("x", "one=1", cq.ADMIN))
    assert source.threads == set()
    clock.seconds += 1
    runner.run(engine.list("x", "one=1", cq.ADMIN))
    runner.run(engine.define(TWO_MORE))
    assert source.threads
    assert threading.get_ident() not in source.threads


def test_a_define_replaces_the_file_as_a_whole(path: Path) -> None:
    """A good file at every moment, with its permissions, behind a link too; classes stay in their order, and text is text."""
    path.chmod(0o640)
    link = path.with_name("link.json")
    link.symlink_to(path)
    before = path.stat().st_ino
    engine = cq.Engine(cq.MemoryStore(), cq.FileClasses(link))
    engine.define(TWO_MORE)
    assert path.stat().st_ino != before
    engine.define(cq.ClassSchema("x", {"one": cq.Integer, "été": cq.String}))
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(cq.load_classes(path)) == ["x", "y"]
    assert '"été": "String"' in path.read_text(encoding="utf-8")
    assert sorted(each.name for each in path.parent.iterdir()) == ["classes.json", "link.json"]


def test_a_define_that_cannot_be_kept_changes_nothing(path: Path) -> None:
    engine = cq.Engine(cq.MemoryStore(), cq.FileClasses(path))
    before = path.read_bytes()
    with pytest.raises(cq.DefinitionError, match="class x: holds a text that is no Unicode"):
        engine.define(cq.ClassSchema("x", {"one": cq.Integer}, scopes={"a": "\ud800"}))
    assert (path.read_bytes(), sorted(each.name for each in path.parent.iterdir())) == (before, ["classes.json"])
    assert engine.classes["x"] == ONE


def test_what_another_program_added_meanwhile_stays(path: Path) -> None:
    """A define looks first; only the class itself may have been changed by nobody else."""
    clock = Hands()
    engine = cq.Engine(cq.MemoryStore(), cq.FileClasses(path, clock=clock, max_age=10))
    write(path, ONE, TWO_MORE)
    engine.define(TWO)
    assert cq.load_classes(path) == {"x": TWO, "y": TWO_MORE}
    write(path, ONE, TWO_MORE)
    with pytest.raises(cq.DefinitionConflict):
        engine.define(cq.ClassSchema("x", {"three": cq.Integer}))
    assert cq.load_classes(path) == {"x": ONE, "y": TWO_MORE}


def test_a_file_that_is_gone(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    source = cq.FileClasses(path)
    path.rename(path.with_name("away"))
    assert (fields(source), fields(source)) == (["one"], ["one"])
    assert [each.getMessage() for each in caplog.records] == [f"the classes stay as they were: {path}: No such file or directory"]
    path.with_name("away").rename(path)
    assert fields(source) == ["one"]
    path.unlink()
    assert (fields(source), len(caplog.records)) == (["one"], 2)
    with pytest.raises(cq.DefinitionError, match="No such file or directory"):
        cq.FileClasses(path)


@pytest.mark.parametrize(
    "text", [b"", b"{", b'{"classes": [', b"\xff\xfe\xfa", b'{"classes": 5}', b"[" * 100_000, b'{"classes": [], "x": 1}']
)
def test_a_file_that_is_no_class_file(path: Path, text: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Half written, for instance: nothing of it is taken, and it is told once."""
    source = Counted(path)
    path.write_bytes(text)
    assert (fields(source), fields(source)) == (["one"], ["one"])
    assert [each.levelno for each in caplog.records] == [logging.ERROR]
    with pytest.raises(cq.DefinitionError) as refused:
        cq.FileClasses(path)
    assert all(problem.startswith(f"{path}: ") for problem in refused.value.problems)
    write(path, TWO)
    assert fields(source) == ["two"]


def test_one_definition_is_a_class_file(path: Path) -> None:
    path.write_text(json.dumps(ONE.to_json()), encoding="utf-8")
    engine = cq.Engine(cq.MemoryStore(), cq.FileClasses(str(path)))
    engine.define(TWO_MORE)
    assert cq.load_classes(path) == {"x": ONE, "y": TWO_MORE}
