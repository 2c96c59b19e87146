"""Every cell, enumerated: each operator with each kind of operand on each type of field, over each kind of stored value.

All records hold the same values under every field, so that what one type owns is what another finds foreign.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from random import Random
from typing import Any
from urllib.parse import quote

from bson import Code, Decimal128, Int64, ObjectId, Regex, Timestamp

import cubequery as cq
from cubequery.ast import Field
from cubequery.operators import SEARCH, SearchOperator
from cubequery.testing.pools import FOREIGN, OWN, OWN_IDS, RADII
from cubequery.testing.queries import spelled
from cubequery.testing.rights import ABSENT
from cubequery.testing.values import Document, Values
from cubequery.testing.worlds import STRATEGIES, world_class

_ON_THE_WAY: list[Any] = [None, 5, "x", [], [{"city": "a", "v": 5, "deep": {"x": 0.5}}, {"city": "ab"}], [{"v": 5}, 5], [[{"v": 5}]], {}]
"""What stands in the place of an Object."""
_FEW = 4
"""Operands of a type beside the edges: the first ones of its pool."""


def stored_values() -> list[Any]:
    """Absent, null, values of every type and edge, and each type once more in an array, in a nested one and in a document."""
    own: list[Any] = [value for kind in OWN for value in OWN[kind]] + [value for kind in OWN_IDS for value in OWN_IDS[kind][:2]]
    seeds: list[Any] = [5, Int64(5), 5.0, Decimal128("5"), "a", True, OWN["Date"][0], ObjectId("650000000000000000000001"), None]
    wrapped: Iterable[Any] = chain.from_iterable(
        ([each], [[each]], [each, each], [None, each], {"x": each}, [{"x": each}]) for each in seeds
    )
    rare = [Regex("a", "i"), Regex("^a"), Timestamp(1, 1), Code("a"), float(2**63), 2**53 + 0.0, Decimal128("-0"), Decimal128("5.0"), []]
    return [ABSENT, None, *own, *wrapped, *FOREIGN, *rare]


def every_type() -> cq.ClassSchema:
    """The class whose cells are tried."""
    return world_class("s", STRATEGIES[0])


def documents(schema: cq.ClassSchema) -> list[Document]:
    """One record for each stored value, which stands under every field; and some in which an Object is none."""
    heads = {each.path.partition(".")[0] for each in fields_of(schema) if each.name != "_id"}
    made: list[Document] = []
    for value in stored_values():
        record: Document = {"_id": ObjectId(f"{len(made) + 1:024x}")}
        if value is not ABSENT:
            flat = {head: value for head in sorted(heads) if head != "address"}
            record |= flat | {"address": {"city": value, "v": value, "deep": {"x": value}}}
        made.append(record)
    made += [{"_id": ObjectId(f"{len(made) + place + 1:024x}"), "address": value} for place, value in enumerate(_ON_THE_WAY)]
    return made


def fields_of(schema: cq.ClassSchema) -> list[Field]:
    """Every field of the class that holds a value, system fields too."""
    return Values(Random(0), schema).fields


def searches(schema: cq.ClassSchema) -> Iterator[tuple[Field, SearchOperator, str]]:
    """Every operator on a field of every type with every kind of operand, as a query string."""
    for field in fields_of(schema):
        for name in SEARCH.names_for(field.type.kind):
            row = SEARCH.row(name, field.type)
            assert row is not None
            for text in operands(field, row):
                yield field, row, text


def operands(field: Field, row: SearchOperator) -> Iterator[str]:
    """The query strings of one cell: values of the type with its edges, null, lists of none, one, two and null, circles, texts."""
    name = f"{spelled(field)}[{row.name}]"
    if row.shape == "circle":
        yield from (f"{name}=25.32,44.551;{radius}" for radius in RADII)
        return
    if row.shape == "literal":
        yield from (f"{name}={quote(text, safe='')}" for text in ("a", "A", ".", "1", "e+", "é", "[x]", "-", "5"))
        return
    values = _texts(field)
    if row.shape == "one":
        yield from (f"{name}={value}" for value in values)
        if row.null:
            yield f"{name}=null"
        return
    yield f"{name}="
    lists = [[value] for value in values] + [values[:2], values, [values[0], values[0]]]
    yield from ("&".join(f"{name}[]={item}" for item in items) for items in lists)
    if row.null:
        yield f"{name}[]=null&{name}[]={values[0]}"
        yield f"{name}[]=null"


def _texts(field: Field) -> list[str]:
    """Operands of a field's type as requests spell them."""
    kind = field.type.kind.removesuffix("_a")
    if kind in ("id", "parent"):
        pool: list[Any] = OWN_IDS["ObjectId"][:_FEW]
    else:
        pool = OWN[kind] if kind in ("Integer", "Float", "Boolean", "user") else OWN[kind][: 2 * _FEW]
    texts = [value["file_id"] if kind == "File" else field.type.element.print(value) for value in pool]
    return [quote(str(text), safe="") for text in dict.fromkeys(texts) if text != "null"]


def host_conditions() -> Iterator[Mapping[str, Any]]:
    """The same for conditions of the host, whose operands are of any BSON type: every one of them against every stored value."""
    values = [value for value in stored_values() if value is not ABSENT]
    for operator in ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte"):
        yield from ({"n": {operator: value}} for value in values)
    for operator in ("$in", "$nin", "$all"):
        yield from ({"n": {operator: [value]}} for value in values)
        yield from ({"n": {operator: [value, other]}} for value, other in zip(values, values[7:], strict=False))
        yield {"n": {operator: []}}
    for path in ("n", "address.city", "address.deep.x", "n.0", "n.x", "n.0.x"):
        yield from ({path: {"$exists": wanted}} for wanted in (True, False))
        yield from ({path: {operator: 5}} for operator in ("$eq", "$ne", "$gt", "$lte"))
        yield {path: None}
