"""Seeded worlds for volume: a class, records with awkward stored values, actors, and requests aimed at them."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from bson import Binary, DatetimeMS, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex

import cubequery as cq
from cubequery.ast import Field
from cubequery.operators import SEARCH
from cubequery.schema import all_leaves

Document = dict[str, Any]
_STRATEGIES: list[dict[str, Any]] = [
    {},
    {},
    {"permissions": {"read": {"access": "owner", "primary": True}}},
    {"acl": {"owner": "who", "shared": ["guests"]}},
    {"acl": "class"},
    {"permissions": {"read": {"access": "open_for_groups", "groups": ["a"], "primary": True}}},
]
ACTORS = (cq.ADMIN, cq.ANONYMOUS, cq.Actor(1), cq.Actor(2, ["a"]), cq.Actor(3, ["b", "u1", "*"]), cq.Actor(2**62))
TOKENS: list[Any] = [
    ["*"],
    ["u1"],
    ["ga"],
    ["u2", "u1"],
    ["gb", "u3"],
    [],
    None,
    "*",
    "u1",
    ["**"],
    [None, "u2"],
    [["*"]],
    {"0": "*"},
    1,
    ["g*"],
    ["*"],
    ["*"],
    ["u1"],
]
ACLS: list[Any] = [
    None,
    {},
    "open",
    [],
    {"read": 1},
    {"read": {"access": "open_for_users_ids", "users_ids": ["1", "2"]}, "update": {"access": "owner"}},
    [{"read": {"users_ids": ["1"]}}],
    {"delete": {"access": "open_for_groups", "users_groups": ["a"]}},
]
TEXTS = ["", "a", "A", "ab", "abc", "é", "日本", "a,b", "[x]", "null", "a.c", "a\nb", "10", "9", "$x", "x\ufffd", "\U0001f600"]
INTEGERS = [0, 1, -1, 5, 9, 10, 41, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)]
FLOATS = [0.0, -0.0, 0.5, 1.0, 5.0, 0.1, 1234567.891, 1e-7, 1e300, -2.5, 2.0**53]
DATES = [dt.datetime(2019, 9, 21, 21, 21), dt.datetime(1970, 1, 1), dt.datetime(2018, 12, 6, 19, 45, 9), dt.datetime(1, 1, 1)]
IDS = [ObjectId(f"65000000000000000000000{digit}") for digit in "123456"]
POINTS = [[25.32, 44.551], [25.325, 44.551], [180.0, 0.0], [-180.0, 0.0], [0.0, 90.0], [0.0, 0.0]]
RADII = ["0.5", "250", "396", "397", "100000", "25000000"]
FOREIGN: list[Any] = [
    math.nan,
    math.inf,
    -math.inf,
    Decimal128("5"),
    Decimal128("0.1"),
    Decimal128("NaN"),
    Int64(5),
    True,
    False,
    [[1]],
    [["a"]],
    [[]],
    [None],
    [True],
    {},
    {"a": 1},
    {"b": {"c": 1}},
    [{"city": "a"}, {"x": 1}],
    DatetimeMS(-62167219200001),
    DatetimeMS(2**60),
    Binary(b"x"),
    Regex("a"),
    MinKey(),
    MaxKey(),
    dt.datetime(2019, 9, 21, 21, 21, 0, 250_000),
    ["a", 1, None],
    [1, 10],
    [5.0, Int64(9)],
    {"file_id": "f1"},
    {"type": "Point", "coordinates": [25.32, 44.551]},
    [[25.32, 44.551], [0, 0]],
    {"x": 1, "y": 2},
]


def world_class(resolution: str, rights: Mapping[str, Any]) -> cq.ClassSchema:
    """A class with a field of every type; ``rights`` are its strategy and levels."""
    fields: dict[str, Any] = {
        "n": cq.Integer,
        "f": cq.Float,
        "s": cq.String,
        "b": cq.Boolean,
        "at": cq.Date(resolution=resolution),
        "loc": cq.Location,
        "pic": cq.File,
        "tags": cq.Array,
        "nums": cq.Array(cq.Integer),
        "marks": cq.Array(cq.Float),
        "flags": cq.Array(cq.Boolean),
        "total": cq.Float(stored="amt"),
        "who": cq.Integer,
        "guests": cq.Array(cq.Integer),
        "address": cq.Object({"city": cq.String, "visits": cq.Integer(stored="v"), "deep": cq.Object({"x": cq.Float})}),
    }
    return cq.ClassSchema("world", fields, **rights)


class World:
    """One class with its records; everything follows from the seed, or from the seed and the class given."""

    def __init__(self, seed: int, size: int = 100, schema: cq.ClassSchema | None = None) -> None:
        self.random = random.Random(seed)
        self.schema = self._schema() if schema is None else schema
        self.fields = [leaf for field in self.schema.names().values() for leaf in all_leaves(field)]
        self.documents = [self._document(number) for number in range(size)]

    def _schema(self) -> cq.ClassSchema:
        return world_class(self.random.choice(["s", "ms"]), self.random.choice(_STRATEGIES))

    def own_value(self, kind: str) -> Any:
        """A value that a field of this kind stores itself."""
        choose = self.random.choice
        if kind.endswith("_a"):
            return [self.own_value(kind[:-2]) for _ in range(self.random.randint(0, 3))]
        pools: dict[str, list[Any]] = {
            "Integer": INTEGERS,
            "Float": FLOATS,
            "String": TEXTS,
            "Boolean": [True, False],
            "Date": DATES,
            "Location": POINTS,
            "id": IDS,
            "parent": IDS,
            "user": [1, 2, 3, 2**62],
            "time": DATES,
            "File": [{"file_id": "f1", "size": 1, "name": "x", "content_type": "y"}, {"file_id": "f2"}],
        }
        return choose(pools[kind])

    def _document(self, number: int) -> Document:
        document: Document = {"_id": ObjectId(f"{0x650000000000000000000000 + number * 7:024x}")}
        for field in self.fields[1:]:
            draw = self.random.random()
            if draw < 0.2:
                continue
            value = None if draw < 0.27 else self.random.choice(FOREIGN) if draw < 0.42 else self.own_value(field.type.kind)
            _put(document, field.path, value)
        if self.random.random() < 0.3:
            document["_acl"] = self.random.choice(ACLS)
        for name in ("_read", "_update", "_delete"):
            if self.random.random() < 0.95:
                document[name] = self.random.choice(TOKENS)
        if self.random.random() < 0.05:
            document["address"] = self.random.choice([None, 5, "x", [], [{"city": "a"}, {"city": "ab"}], [{"v": 5}]])
        return document

    def actor(self) -> cq.Actor:
        """Any kind of actor."""
        return self.random.choice(ACTORS)

    def criterion(self, field: Field | None = None, values: Sequence[Any] | None = None) -> str:
        """One valid criterion, its operand near what is stored; of ``field``, with one of ``values``, where they are given."""
        field = field or self.random.choice(self.fields)
        kind = field.type.kind
        row = SEARCH.row(self.random.choice(SEARCH.names_for(kind)), kind)
        assert row is not None
        name = f"{quote(field.name, safe='[]')}[{row.name}]"
        own = kind[:-2] if kind.endswith("_a") else kind
        if row.shape == "circle":
            lng, lat = self.random.choice(values or POINTS)
            return f"{name}={lng},{lat};{self.random.choice(RADII)}"
        if row.shape == "literal":
            return f"{name}={quote(self.random.choice([*TEXTS[:9], '1', '.', 'e+', '4', *map(str, values or ())]), safe='')}"
        if row.shape == "list":
            items = [self._operand(field.type.element, own, values, null=row.null) for _ in range(self.random.randint(0, 4))]
            return "&".join(f"{name}[]={item}" for item in items) or f"{name}="
        return f"{name}={self._operand(field.type.element, own, values, null=row.null)}"

    def _operand(self, kind: cq.Integer | Any, own: str, values: Sequence[Any] | None = None, *, null: bool) -> str:
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
        """A request with order and page, or with groups."""
        choose = self.random.choice
        if self.random.random() < 0.4:
            groups = self.grouping()
            return f"{self.request()}&{groups}&{choose(['', 'skip=1', 'limit=3', 'limit=-1'])}"
        order, page, output = self.order(), self.page(), self.output()
        return "&".join(part for part in (self.request() if self.random.random() < 0.5 else "", order, page, output) if part)

    def grouping(self) -> str:
        """Calculations and the key of their groups."""
        calc = self.random.choice(
            ["n[calc]=sum", "f[calc]=min,max", "total[calc]=max", "n[calc]=avg,min", "user_id[calc]=max", "address[visits][calc]=sum"]
        )
        return f"{calc}&group_by={self.random.choice(['b', 's', 'n', 'user_id', '_parent_id', 'address[city]', 'f'])}"

    def order(self) -> str:
        """A sort of one field, or of two of which one holds arrays."""
        choose = self.random.choice
        many = "" if self.random.random() < 0.5 else choose(["tags", "nums", "loc", "marks", "flags"]) + ","
        way = choose(["asc", "desc"])
        return f"sort_{way}={many}{choose(['n', 'f', 's', 'at', 'b', 'pic', 'address[city]', '_id', 'address[deep][x]'])}"

    def page(self) -> str:
        """Which page; often the first."""
        return self.random.choice(["", "skip=3&limit=7", "limit=-1", "page=2&per_page=9"])

    def output(self) -> str:
        """Which fields; often all."""
        return self.random.choice(["", "output[include]=n,address[city]", "output[exclude]=_id,s"])


def _put(document: Document, path: str, value: Any) -> None:
    """Set a stored path, where what is there already allows it."""
    *above, last = path.split(".")
    for part in above:
        inner = document.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        document = inner
    document[last] = value


class Updates:
    """Update bodies for the records of a world: plain values, operators and indexes, often on fields that hold something else."""

    OPERATORS = ("set", "set", "null", "inc", "push", "add_to_set", "pull", "pull_if", "pull_all", "pop", "index")

    def __init__(self, world: World) -> None:
        self.world, self.random = world, world.random

    def body(self) -> dict[str, Any]:
        """A JSON body that changes one to three fields."""
        body: dict[str, Any] = {}
        fields = [field for field in self.world.fields if not field.system and field.type.kind != "File"]
        for field in self.random.sample(fields, self.random.choice([1, 1, 2, 3])):
            self._change(body, field)
        if self.random.random() < 0.15:
            body["permissions"] = self.permissions()
        if self.random.random() < 0.1:
            body["_parent_id"] = self.random.choice([None, *map(str, IDS)])
        if self.random.random() < 0.05:
            body["user_id"] = self.random.choice([1, 2, "3"])
        if self.random.random() < 0.05:
            body = {name: value for name, value in body.items() if name in ("permissions", "user_id", "_parent_id")}
        return body

    def permissions(self) -> dict[str, Any]:
        """Levels of one or two actions."""
        levels: list[dict[str, Any]] = [
            {"access": "open"},
            {"access": "owner"},
            {"access": "open_for_users_ids", "ids": [1, "2", 3]},
            {"access": "open_for_groups", "groups": ["a", "b"]},
        ]
        return {action: self.random.choice(levels) for action in self.random.sample(["read", "update", "delete"], 2)}

    def _change(self, body: dict[str, Any], field: Any) -> None:
        kind, choose = field.type.kind, self.random.choice
        array = kind.endswith("_a")
        operator = choose(self.OPERATORS if array else ("set", "set", "null", "inc") if kind in ("Integer", "Float") else ("set", "null"))
        parts = field.name.replace("]", "").split("[")
        own = self.json_value(kind[:-2] if array else kind)
        items = [self.json_value(kind[:-2]) for _ in range(self.random.randint(0, 3))] if array else []
        if operator in ("set", "null"):
            _nest(body, parts, None if operator == "null" else items if array else own)
        elif operator == "inc" and not array:
            _nest(body, ["inc", *parts], choose([1, -1, 5, 2**62]) if kind == "Integer" else choose([0.5, -2, 1e308]))
        elif operator in ("push", "add_to_set", "pull_all"):
            _nest(body, [operator, *parts], items)
        elif operator == "pull":
            _nest(body, ["pull", *parts], items or own)
        elif operator == "pull_if":
            word = choose(["ne", "in", "nin", "eq"] + (["gt", "lte"] if kind in ("Integer_a", "Float_a") else []))
            _nest(body, ["pull", *parts], {word: items if word in ("in", "nin") else own})
        elif operator == "pop":
            _nest(body, ["pop", *parts], choose([1, -1]))
        else:
            _nest(
                body,
                parts,
                {str(index): self.json_value(kind[:-2]) for index in self.random.sample(range(4), self.random.randint(1, 2))}
                if array
                else own,
            )

    def json_value(self, kind: str) -> Any:
        """A JSON value of a field type."""
        value = self.world.own_value(kind)
        if isinstance(value, dt.datetime):
            return value.isoformat() + "Z"
        return "xx" if value == "null" else value


def _nest(body: dict[str, Any], parts: list[str], value: Any) -> None:
    for part in parts[:-1]:
        body = body.setdefault(part, {})
    body[parts[-1]] = value
