"""Auditing a class: how many of its records do not fit it. Nothing is ever written."""

from __future__ import annotations

from collections import Counter
from typing import Any

from cubequery.ast import Field
from cubequery.operations.blobs import file_fields, file_id
from cubequery.operations.drift import find_drift
from cubequery.operations.misfits import Misfits
from cubequery.operations.walk import walk
from cubequery.operations.work import Work
from cubequery.stores.commands import Document, Steps, do
from cubequery.stores.files import FindFiles
from cubequery.translate.render import stored_value

TOKENS = ("missing", "malformed", "drift")


def audit(work: Work) -> Steps[dict[str, Any]]:
    """Look at every record of the class within the scope. The report is :meth:`Upkeep.audit`'s."""
    seen = Audit(work)
    records = yield from walk(work, seen.see)
    return {"class_name": work.schema.name, "records": records, **seen.report()}


class Audit:
    """What one run has found."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._owner = work.schema.names(work.settings.user_id_type)["user_id"]
        self._misfits = Misfits(work.schema, work.settings.user_id_type, work.scope)
        self._tokens, self._files = Counter[str](), Counter[str]()
        self._without_owner = 0

    def see(self, batch: list[Document]) -> Steps[None]:
        """Count a batch of records."""
        for document in batch:
            self._misfits.see(document)
            self._see_rights(document)
        for field in file_fields(self._work.schema):
            yield from self._see_files(field, batch)

    def _see_rights(self, document: Document) -> None:
        """Under `class` nobody owns a record, and only under tokens there are arrays."""
        kind = self._work.schema.strategy.kind
        stored: Any = stored_value(document, self._owner.path)
        owner = stored if self._owner.type.owns(stored) else None
        self._without_owner += owner is None and kind != "class"
        if kind == "tokens" and (found := find_drift(document, owner)):
            self._tokens[found] += 1

    def _see_files(self, field: Field, batch: list[Document]) -> Steps[None]:
        """Records whose file is not in the store; what is no file at all is a foreign value."""
        named = [file_id(field, document) for document in batch if field.type.owns(stored_value(document, field.path))]
        known = [each for each in named if each is not None]
        there = (yield from do(FindFiles(self._work.schema, known))) if known else frozenset()
        self._files[field.name] += sum(each not in there for each in named)

    def report(self) -> dict[str, Any]:
        """What was found, by name."""
        found = self._misfits
        return {
            "foreign": {name: _sorted(kinds) for name, kinds in sorted(found.foreign.items())},
            "elements": {name: _sorted(kinds) for name, kinds in sorted(found.elements.items())},
            "nulls": _sorted(found.nulls),
            "fractions": _sorted(found.fractions),
            "undeclared": _sorted(found.undeclared),
            "undeclared_more": found.more,
            "tokens": {name: self._tokens[name] for name in TOKENS},
            "no_owner": self._without_owner,
            "files": _sorted(self._files),
        }


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return {name: count for name, count in sorted(counts.items()) if count}
