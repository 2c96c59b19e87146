"""Lines of an import: each read as the body of a create, told apart by a stamp of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cubequery import errors
from cubequery.ast import Create
from cubequery.errors import RequestError
from cubequery.names import SYSTEM, split_brackets
from cubequery.operations.blobs import file_fields
from cubequery.operations.work import Work, digest
from cubequery.parse import CREATE, read_json, reader_for, sources

OF_AN_EXPORT = frozenset({*SYSTEM, "id", "permissions"})
"""What an answer says of a record beside its fields; a new record has its own."""


@dataclass(frozen=True)
class Line:
    """One record to be stored: the number of its line from 1, and the stamp by which a repeat knows it."""

    number: int
    tree: Create
    stamp: str


class LineReader:
    """Reads lines for one import. ``keep``: as an admin's create with all that an export says; else the fields alone."""

    def __init__(self, work: Work, *, keep: bool) -> None:
        self._work, self._keep = work, keep
        self._reader = reader_for(work.schema, work.settings, CREATE)
        self._files = [path for field in file_fields(work.schema) if (path := split_brackets(field.name))]
        self.files = 0

    def read(self, number: int, given: Any) -> Line:
        """A decoded JSON object, or its text. Raises RequestError as a create does."""
        body = read_json(given, self._work.settings.limits) if isinstance(given, str | bytes) else given
        if not isinstance(body, Mapping):
            raise RequestError([errors.wrong_type("object", "base")])
        record = dict(body) if self._keep else {name: value for name, value in body.items() if name not in OF_AN_EXPORT}
        tree = self._reader.read(sources(json=record), admin=self._keep)
        assert isinstance(tree, Create)
        self.files += any(_at(record, path) is not None for path in self._files)
        return Line(number, tree, self._stamp(number, record))

    def _stamp(self, number: int, record: Any) -> str:
        """The same for the same line in the same place, whatever became of the others: a corrected file may be sent again."""
        work = self._work
        return digest(work.operation_id, work.actor, work.scope, f"import {work.schema.name}", [number, self._keep, record])


def _at(record: Any, path: list[str]) -> Any:
    for part in path:
        record = record.get(part) if isinstance(record, Mapping) else None
    return record


def is_blank(given: Any) -> bool:
    """Whether a line holds nothing at all."""
    return isinstance(given, str | bytes) and not given.strip()
