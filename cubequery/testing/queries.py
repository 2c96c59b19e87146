"""Search requests of a class, drawn as query strings from its fields and the rows of the operators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from cubequery.ast import Field
from cubequery.operators import SEARCH
from cubequery.operators.aggregate import CALCULATIONS, GROUP_KINDS
from cubequery.testing.pools import POINTS, RADII, TEXTS
from cubequery.testing.values import Values
from cubequery.values import FieldType


class Queries(Values):
    """Draws requests that the class takes, their operands near to what records store."""

    def criterion(self, field: Field | None = None, values: Sequence[Any] | None = None) -> str:
        """One valid criterion; of ``field``, with one of ``values``, where they are given."""
        field = field or self.random.choice(self.fields)
        kind = field.type.kind
        row = SEARCH.row(self.random.choice(SEARCH.names_for(kind)), kind)
        assert row is not None
        name = f"{spelled(field)}[{row.name}]"
        own = kind[:-2] if kind.endswith("_a") else kind
        if row.shape == "circle":
            lng, lat = self.random.choice(values or POINTS)
            return f"{name}={lng},{lat};{self.random.choice(RADII)}"
        if row.shape == "literal":
            return f"{name}={quote(self.random.choice(self.literals(own, values or ())), safe='')}"
        if row.shape == "list":
            items = [self._operand(field.type.element, own, values, null=row.null) for _ in range(self.random.randint(0, 4))]
            return "&".join(f"{name}[]={item}" for item in items) or f"{name}="
        return f"{name}={self._operand(field.type.element, own, values, null=row.null)}"

    def literals(self, own: str, values: Sequence[Any]) -> list[str]:
        """Texts to look for in values of a kind."""
        return [*TEXTS[:9], "1", ".", "e+", "4", *map(str, values)]

    def _operand(self, kind: FieldType, own: str, values: Sequence[Any] | None = None, *, null: bool) -> str:
        if null and self.random.random() < 0.12:
            return "null"
        value = self.random.choice(values) if values else self.own_value(own)
        text = value["file_id"] if own == "File" else kind.print(value)
        return quote("x" if text == "null" else str(text), safe="")

    def request(self) -> str:
        """A search request: one to three criteria on different parameters."""
        criteria = {
            text.partition("=")[0].removesuffix("[]"): text for text in (self.criterion() for _ in range(self.random.choice([1, 1, 2, 3])))
        }
        return "&".join(criteria.values())

    def listing(self) -> str:
        """A request with order, page and projection, or with groups."""
        choose = self.random.choice
        if self.random.random() < 0.4 and self.can_group():
            groups = self.grouping()
            return f"{self.request()}&{groups}&{choose(['', 'skip=1', 'limit=3', 'limit=-1'])}"
        order, page, output = self.order(), self.page(), self.output()
        return "&".join(part for part in (self.request() if self.random.random() < 0.5 else "", order, page, output) if part)

    def grouping(self) -> str:
        """Calculations over one field, and the key of their groups."""
        field = self.random.choice([each for each in self.fields if any(each.type.kind in row.kinds for row in CALCULATIONS)])
        rows = [row.name for row in CALCULATIONS if field.type.kind in row.kinds]
        words = self.random.sample(rows, self.random.choice([1, 1, 2]))
        key = self.random.choice([each for each in self.fields if each.type.kind in GROUP_KINDS])
        return f"{spelled(field)}[calc]={','.join(words)}&group_by={spelled(key)}"

    def can_group(self) -> bool:
        """Whether the class has a field to calculate with: under texts for user ids it may have none."""
        return any(each.type.kind in row.kinds for each in self.fields for row in CALCULATIONS)

    def order(self) -> str:
        """A sort of one field, or of two of which one holds arrays."""
        choose = self.random.choice
        lists = [spelled(each) for each in self.fields if many(each)]
        plain = [spelled(each) for each in self.fields if not many(each)]
        before = "" if not lists or self.random.random() < 0.5 else choose(lists) + ","
        return f"sort_{choose(['asc', 'desc'])}={before}{choose(plain)}"

    def page(self) -> str:
        """Which page; often the first."""
        return self.random.choice(["", "skip=3&limit=7", "limit=-1", "page=2&per_page=9"])

    def output(self) -> str:
        """Which fields; often all."""
        names = [quote(each, safe="") for each in self.schema.fields]
        some = ",".join(self.random.sample([*names, "user_id"], min(2, len(names) + 1)))
        return self.random.choice(["", f"output[include]={some}", f"output[exclude]=_id,{some}"])


def many(field: Field) -> bool:
    """Whether the field stores an array."""
    return field.type.kind.endswith("_a") or field.type.kind == "Location"


def spelled(field: Field) -> str:
    """The field's name as a query string has it."""
    return quote(field.name, safe="[]")
