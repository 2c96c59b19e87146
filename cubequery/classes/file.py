"""FileClasses: the classes of a JSON file, read again when the file changes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path

from cubequery.classes.held import Classes, Clock
from cubequery.classes.source import ClassSource
from cubequery.errors import DefinitionError
from cubequery.schema import ClassSchema, read_classes
from cubequery.stores.lines import replace_file

SETTLED_NS = 2_000_000_000
"""Clocks of file systems may be this coarse: a file changed less long ago may change again without a sign."""


class FileClasses(ClassSource):
    """The classes of a file ``{"classes": [definition, ..]}``, looked at with every request, or once in ``max_age`` seconds.

    It is read at once, and again when its time, size or inode is another. Raises DefinitionError where it is no class file. An async
    engine looks in a thread; where that costs too much, say a ``max_age``. A define replaces the file as a whole, the classes in their
    order; of two processes that define at the very same moment one may overwrite the other: what several servers define belongs in a
    collection.
    """

    def __init__(self, path: str | Path, *, max_age: float = 0.0, clock: Clock = time.monotonic) -> None:
        super().__init__(max_age=max_age, clock=clock)
        self._path = Path(path)
        self._signature: tuple[int, int, int] | None = None
        self._text: bytes | None = None
        self.load()

    def read(self) -> Iterable[ClassSchema] | None:
        try:
            if self._signature is not None and _signature(self._path.stat()) == self._signature:
                return None
            with self._path.open("rb") as file:
                found = os.fstat(file.fileno())
                text = file.read()
        except OSError as error:
            self._signature = self._text = None
            raise DefinitionError([f"{self._path}: {error.strerror}"]) from None
        self._signature = _signature(found) if time.time_ns() - found.st_mtime_ns > SETTLED_NS else None
        if text == self._text:
            return None
        self._text = text
        try:
            return read_classes(text)
        except DefinitionError as error:
            raise DefinitionError(f"{self._path}: {problem}" for problem in error.problems) from None

    def write(self, schema: ClassSchema, wanted: Classes) -> bool:
        text = json.dumps({"classes": [each.to_json() for each in wanted.values()]}, indent=2, ensure_ascii=False)
        try:
            replace_file(self._path.resolve(), [text])
        except OSError as error:
            raise DefinitionError([f"{self._path}: {error.strerror}"]) from None
        except UnicodeEncodeError:
            raise DefinitionError([f"class {schema.name}: holds a text that is no Unicode"]) from None
        self._signature = self._text = None
        return True


def _signature(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_mtime_ns, found.st_size, found.st_ino
