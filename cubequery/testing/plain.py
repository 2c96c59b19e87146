"""Values about which nothing is odd: histories are told by them, and sums of them are exact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from cubequery.ast import Field
from cubequery.testing.values import Values

_OWN: Mapping[str, list[Any]] = {
    "Integer": [0, 1, 2, 3, 5, 7, 9, -1, 10, 15],
    "Float": [0.5, 1.0, 2.0, -2.5, 0.25, 5.0],
    "String": ["a", "b", "ab", "abc", "", "é", "1"],
    "Boolean": [True, False],
    "Date": [dt.datetime(2019, 9, 21, 21, 21), dt.datetime(2020, 2, 29), dt.datetime(1970, 1, 1, 0, 0, 1)],
    "Location": [[25.5, 44.5], [10.5, 20.0], [-180.0, 0.0]],
    "user": [1, 2, 3],
}


class Plain(Values):
    """Draws such values."""

    def pool(self, kind: str) -> list[Any]:
        """What values of a kind are drawn from."""
        return _OWN.get(kind) or super().pool(kind)

    def asked(self, field: Field) -> Any:
        """An operand of a condition, as JSON says it."""
        kind = field.type.kind.removesuffix("_a")
        if kind == "time":
            return self.random.choice([0, 1_700_000_000, 1_700_000_300])
        if kind in ("id", "parent"):
            return str(self.random.choice(self.pool(kind)))
        value = self.random.choice(self.pool(kind))
        return value["file_id"] if kind == "File" else field.type.element.show(value)
