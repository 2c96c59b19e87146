"""What of a stored record does not fit its class: values of other types, stored nulls, fractions of a second, undeclared names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cubequery.ast import Field
from cubequery.names import HIDDEN
from cubequery.ordering import MISSING, milliseconds, stored_type
from cubequery.schema import ClassSchema
from cubequery.translate.render import stored_value
from cubequery.values import Date

MOST_NAMES = 1_000
"""Undeclared names that are told apart; those beyond are counted together."""
Declared = dict[str, "Declared | None"]


class Misfits:
    """Counts records, one after the other. What is counted is the number of records, by public name and stored type."""

    def __init__(self, schema: ClassSchema, user_id_type: str, fixed: Iterable[str]) -> None:
        names = schema.names(user_id_type)
        fields = [each for field in names.values() for each in _with_leaves(field)]
        # The owner field of a class is `user_id` by another name, and told under its own.
        self._fields = [each for each in fields if each.name != "user_id" or each.path == "user_id"]
        self._objects = {each.path for each in fields if each.type.kind == "Object"}
        self._declared: Declared = dict.fromkeys(HIDDEN)
        for path in (*(each.path for each in fields if each.type.kind != "Object"), *fixed):
            _declare(self._declared, path)
        self.foreign: dict[str, Counter[str]] = {}
        self.elements: dict[str, Counter[str]] = {}
        self.nulls, self.fractions, self.undeclared = Counter[str](), Counter[str](), Counter[str]()
        self.more = 0

    def see(self, document: Mapping[str, Any]) -> None:
        """Count one record."""
        for field in self._fields:
            value: Any = stored_value(document, field.path)
            if value is None:
                self.nulls[field.name] += 1
            elif value is not MISSING:
                self._see_value(field, value)
        for name in self._undeclared_in(document, self._declared, ""):
            if name in self.undeclared or len(self.undeclared) < MOST_NAMES:
                self.undeclared[name] += 1
            else:
                self.more += 1

    def _see_value(self, field: Field, value: Any) -> None:
        kind = field.type
        if not kind.owns(value):
            self.foreign.setdefault(field.name, Counter())[stored_type(value)] += 1
        elif kind.kind.endswith("_a"):
            odd = {stored_type(item) for item in value if item is None or not kind.element.owns(item)}
            if odd:
                self.elements.setdefault(field.name, Counter()).update(odd)
        elif isinstance(kind, Date) and kind.resolution == "s" and milliseconds(value) % 1000:
            self.fractions[field.name] += 1

    def _undeclared_in(self, document: Mapping[str, Any], declared: Declared, above: str) -> Iterator[str]:
        for name, value in document.items():
            path = f"{above}{name}"
            inside = declared.get(name, {})
            if inside is None:
                continue
            if inside and isinstance(value, Mapping):
                yield from self._undeclared_in(value, inside, f"{path}.")
            elif not inside or (value is not None and path not in self._objects):
                yield path


def _with_leaves(field: Field) -> Iterator[Field]:
    yield field
    for leaf in field.leaves:
        yield from _with_leaves(leaf)


def _declare(declared: Declared, path: str) -> None:
    """Put a stored path into the tree of those that are declared."""
    first, _, rest = path.partition(".")
    if not rest:
        declared[first] = None
        return
    inside = declared.setdefault(first, {})
    if inside is not None:
        _declare(inside, rest)
