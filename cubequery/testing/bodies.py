"""Bodies of writes, drawn: plain values, update operators and indexes, often on fields that hold something else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from cubequery.ast import Field
from cubequery.operators import SEARCH, SET, UPDATE, UpdateOperator
from cubequery.operators.search import NUMBERS
from cubequery.testing.pools import LEVELS, TEXT_LEVELS
from cubequery.testing.values import Values
from cubequery.values import FieldType

Body = dict[str, Any]


class Bodies:
    """Draws JSON bodies for the records of a class."""

    def __init__(self, values: Values) -> None:
        self.values, self.random = values, values.random
        self.fields = [
            field for field in values.fields if not field.system and field.type.kind != "File" and field.name not in values.schema.fixed
        ]

    def body(self) -> Body:
        """A JSON body that changes one to three fields, or now and then only what not everybody may change."""
        body: Body = {}
        for field in self.random.sample(self.fields, min(self.random.choice([1, 1, 2, 3]), len(self.fields))):
            self._change(body, field)
        if self.random.random() < 0.15:
            body["permissions"] = self.permissions()
        if self.random.random() < 0.1:
            body["_parent_id"] = self.random.choice([None, str(self.values.own_value("parent"))])
        if self.random.random() < 0.05:
            body["user_id"] = self.random.choice([1, 2, "3"] if self.values.user_id_type == "Integer" else ["ann", "bob"])
        if self.random.random() < 0.05:
            body = {name: value for name, value in body.items() if name in ("permissions", "user_id", "_parent_id")}
        return body

    def created(self) -> Body:
        """A JSON body of a new record: every required field and about half of the others."""
        body: Body = {}
        for field in self.fields:
            if field.type.required or self.random.random() < 0.5:
                nest(body, field, self.json_value(field.type))
        return body

    def permissions(self) -> Body:
        """Levels of two actions."""
        levels = TEXT_LEVELS if self.values.user_id_type == "String" else LEVELS
        return {action: self.random.choice(levels) for action in self.random.sample(["read", "update", "delete"], 2)}

    def _change(self, body: Body, field: Field) -> None:
        kind = field.type.kind
        rows = [row for row in UPDATE.values() if kind in row.kinds or row.kinds == ("any",)]
        row = self.random.choice([SET, SET, *rows] if kind in NUMBERS else [SET, *rows])
        nest(body, field, self._operand(row, field.type), row.name if row.spelled else "")

    def _operand(self, row: UpdateOperator, kind: FieldType) -> Any:
        """What a body says for an operator, by the shape of its row."""
        choose, sample = self.random.choice, self.random.sample
        if row.shape == "value":
            return self.json_value(kind)
        if row.shape == "nothing":
            return None
        if row.shape == "number":
            return choose([1, -1, 5, 2**62]) if kind.kind == "Integer" else choose([0.5, -2, 1e308])
        if row.shape == "end":
            return choose([1, -1])
        if row.shape == "indexes":
            return {str(place): self.json_value(kind.element) for place in sample(range(4), self.random.randint(1, 2))}
        items = [self.json_value(kind.element) for _ in range(self.random.randint(0, 3))]
        return self._removal(kind.element, items) if row.shape == "removal" else items

    def _removal(self, element: FieldType, items: list[Any]) -> Any:
        """What to remove: elements, or all that meet a condition."""
        own = self.json_value(element)
        if self.random.random() < 0.5:
            return items or own
        found = (SEARCH.row(name, element.kind) for name in SEARCH.names_for(element.kind))
        row = self.random.choice([each for each in found if each and each.expression and each.shape in ("one", "list")])
        return {row.name: items if row.shape == "list" else own}

    def json_value(self, kind: FieldType) -> Any:
        """A JSON value that the type and its options allow."""
        value = self.values.fitting(kind)
        if isinstance(value, dt.datetime):
            return value.isoformat() + "Z"
        return "xx" if value == "null" else value


def nest(body: Body, field: Field, value: Any, operator: str = "") -> None:
    """Put a value for a field into a body, behind an operator where one is named."""
    *above, last = [*([operator] if operator else []), *field.name.replace("]", "").split("[")]
    for part in above:
        body = body.setdefault(part, {})
    body[last] = value
