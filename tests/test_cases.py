"""Every row of the text tables: parsed, compiled, decided in memory and by a real server, read alike by the reference parser.

table       cells
search      request | filter of the request alone, as MongoDB Extended JSON | records that match
sort        request | order, ends in `_id` | records in that order
page        request | skip and limit as echoed | records in order
count       request | filter | number
projection  request | projection | record `@record` as rendered
groups      request | stages behind the `$match` | groups
value       field | text or json, for one direction: `search text`, `write json` .. | what is given | what is stored | what is rendered
update      document | request | filter of the first command | its update | document after it
refused     request | faults
schema      definition | what the problems mention, joined by ` ; `

In each but `value`, which names the code alone, a refusal stands where the compiled form or the result would.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from bson import ObjectId
from pymongo.collection import Collection

import cubequery as cq
from cubequery.ast import Compare, Condition, Query, Update
from cubequery.compile import compile_filter
from cubequery.operators import UPDATE
from tests.support import cases
from tests.support.cases import Row
from tests.support.ends import exact, found, sent
from tests.support.fixture import IDS, LETTERS, NOW, SCHEMAS, document, documents
from tests.support.mongod import Document

TABLES = frozenset({"search", "sort", "page", "count", "projection", "groups", "value", "update", "refused", "schema"})
PLANS = ("search", "sort", "page", "count", "projection", "groups")


def each(*tables: str, only: Callable[[Row], bool] = lambda row: True) -> pytest.MarkDecorator:
    chosen = [row for table in tables for row in cases.rows(table) if only(row)]
    return pytest.mark.parametrize("row", chosen, ids=lambda row: row.id)


def refused(row: Row) -> bool:
    return any(map(cases.is_refusal, row.cells[1:]))


def answered(row: Row) -> bool:
    return not refused(row)


def letters(records: Any) -> str:
    return " ".join(LETTERS[_own_id(record["_id"])] for record in records) or "-"


def _own_id(rendered: Any) -> Any:
    return ObjectId(rendered) if isinstance(rendered, str) else rendered


def plan_of(row: Row) -> cq.Plan:
    return row.request.plan(row.schema, row.actor)


def test_every_table_is_run() -> None:
    assert cases.tables() <= TABLES


# --- searches ---------------------------------------------------------------------------------------------------------------------


@each(*PLANS, only=answered)
def test_compiled_form(row: Row) -> None:
    plan = plan_of(row)
    if row.table == "sort":
        assert ", ".join(f"{path} {direction}" for path, direction in plan.sort) == row.cells[1]
    elif row.table == "page":
        assert f"{plan.skip} {plan.limit}" == row.cells[1]
    elif row.table == "groups":
        assert plan.pipeline is not None
        assert exact(plan.pipeline[1:]) == exact(cases.value(row.cells[1]))
        assert plan.pipeline[0] == {"$match": plan.filter}
    else:
        form = plan.projection if row.table == "projection" else plan.filter
        assert exact(form) == exact(cases.value(row.cells[1]))
    assert exact(compile_filter(plan.condition)) == exact(plan.filter)  # a combination seen before is compiled without its tree


@each(*PLANS, only=answered)
def test_in_memory(row: Row) -> None:
    plan, stored = plan_of(row), documents(row.schema.name)
    if row.table == "projection":
        assert exact(plan.render(document(row.settings["record"]))) == exact(cases.value(row.cells[2]))
        return
    _compare(row, plan.run(stored))
    if row.table == "search":
        assert letters(plan.select(stored)) == row.cells[2]
        assert letters(each for each in stored if plan.matches(each)) == row.cells[2]


@each(*PLANS, only=answered)
def test_on_mongod(row: Row, stored: dict[str, Collection[Document]]) -> None:
    plan, collection = plan_of(row), stored[row.schema.name]
    if row.table == "projection":
        fetched = collection.find_one({"_id": document(row.settings["record"])["_id"]}, plan.projection)
        assert fetched is not None
        assert set(fetched) <= set(row.schema.names()) | {path.split(".")[0] for path in plan.projection}
        assert exact(plan.render(fetched)) == exact(cases.value(row.cells[2]))
    else:
        _compare(row, found(plan, collection))


def _compare(row: Row, answer: Any) -> None:
    if row.table == "count":
        assert str(answer) == row.cells[2]
    elif row.table == "groups":
        assert exact(answer) == exact(cases.value(row.cells[2]))
    else:
        assert letters(answer) == row.cells[2]


# --- refusals ---------------------------------------------------------------------------------------------------------------------


@each("refused", *PLANS, only=refused)
def test_refusal(row: Row) -> None:
    with pytest.raises(cq.RequestError) as caught:
        row.request.parse(row.schema, row.place)
    assert cases.shown(caught.value, row.cells[1]) == row.cells[1]
    assert caught.value.body()["code"] == caught.value.faults[0].code


@each("refused", *PLANS, only=lambda row: not row.request.json)
def test_reference_reads_the_same(row: Row) -> None:
    request = row.request

    def outcome(parse: Callable[..., Any]) -> str:
        try:
            return repr(parse(request.query, row.schema, form=request.form, place=row.place))
        except cq.RequestError as error:
            return repr(error.faults)

    assert outcome(cq.reference_parse) == outcome(cq.parse)


@each("update", only=lambda row: not row.cells[1].startswith("{"))
def test_reference_reads_the_same_body(row: Row) -> None:
    def outcome(parse: Callable[..., Any]) -> str:
        try:
            return repr(parse("", row.schema, form=row.cells[1], place="update"))
        except cq.RequestError as error:
            return repr(error.faults)

    assert outcome(cq.reference_parse) == outcome(cq.parse)


@each("value", only=lambda row: row.cells[1].endswith("text"))
def test_reference_reads_the_same_value(row: Row) -> None:
    text = f"{row.cells[0]}={row.cells[2]}"

    def outcome(parse: Callable[..., Any], place: str) -> str:
        try:
            return repr(parse(text, row.schema, place=place))
        except cq.RequestError as error:
            return repr(error.faults)

    for place in ("list", "update"):
        assert outcome(cq.reference_parse, place) == outcome(cq.parse, place)


# --- values -----------------------------------------------------------------------------------------------------------------------

OPERAND: dict[str, Callable[..., Any]] = {
    "search text": lambda schema, name, given: _operand(cq.parse(f"{name}={given}", schema)),
    "search json": lambda schema, name, given: _operand(cq.parse(cq.read_json(f'{{"{name}": {given}}}'), schema)),
    "write text": lambda schema, name, given: _written(cq.parse("", schema, form=f"{name}={given}", place="update")),
    "write json": lambda schema, name, given: _written(cq.parse(cq.read_json(f'{{"{name}": {given}}}'), schema, place="update")),
}


def _operand(query: Query) -> Any:
    assert isinstance(query.condition, Compare)
    return query.condition.operand


def _written(update: Update) -> Any:
    (change,) = update.changes
    return change.operand


def ways(row: Row) -> list[str]:
    how = row.cells[1]
    return [how] if " " in how else [f"search {how}", f"write {how}"]


def stored_cell(row: Row) -> Any:
    return cases.value(row.cells[3])


def is_code(row: Row) -> bool:
    return re.fullmatch(r"(wrong_type|out_of_range|too_big)( \+\d+)?", row.cells[3]) is not None


@each("value", only=lambda row: not is_code(row))
def test_value_is_read(row: Row) -> None:
    name, _, given, *_ = row.cells
    for way in ways(row):
        assert exact(OPERAND[way](row.schema, name, given)) == exact(stored_cell(row)), way


@each("value", only=is_code)
def test_value_is_refused(row: Row) -> None:
    name, _, given, refusal = row.cells
    code, _, inside = refusal.partition(" +")
    for way in ways(row):
        with pytest.raises(cq.RequestError) as caught:
            OPERAND[way](row.schema, name, given)
        (fault,) = caught.value.faults
        key = name.removesuffix("[]")
        assert (fault.code, fault.key, fault.status) == (code, key, 422), way
        if way.endswith("text"):
            assert (fault.offset, fault.path) == (len(name) + 1 + int(inside or 0), None), way
        else:
            assert fault.offset is None, way
            assert fault.path is not None, way
            assert fault.path[0] == key, way


@each("value", only=lambda row: len(row.cells) > 4)
def test_value_is_rendered(row: Row) -> None:
    field = row.schema.names()[row.cells[0].removesuffix("[]")]
    assert exact(field.type.render(stored_cell(row))) == exact(cases.value(row.cells[4]))


@each("value", only=lambda row: not is_code(row) and any(way.startswith("write") for way in ways(row)))
def test_value_is_stored(row: Row, scratch: Collection[Document]) -> None:
    name, how, given, *_ = row.cells
    text = how.removeprefix("write ") == "text"
    body: Any = f"{name}={given}" if text else cq.read_json(f'{{"{name}": {given}}}')
    change = cq.translate_update(body, row.schema, actor=cq.ADMIN, now=NOW)
    path = row.schema.names()[name.removesuffix("[]")].path
    start = {"_id": 1}
    expected = {} if stored_cell(row) is None else _at(path, stored_cell(row))
    for after in (change.apply(start), sent(change, scratch, start)):
        assert exact(after) == exact({"_id": 1, "updated_at": NOW, **expected})


def _at(path: str, stored: Any) -> Document:
    first, _, rest = path.partition(".")
    return {first: _at(rest, stored) if rest else stored}


# --- updates ----------------------------------------------------------------------------------------------------------------------


def change_of(row: Row) -> cq.Change:
    text = row.cells[1]
    body: Any = cq.read_json(text) if text.startswith("{") else text
    return cq.translate_update(body, row.schema, actor=row.actor, id=str(IDS["A"]), now=NOW)


def start_of(row: Row) -> Document:
    return {"_id": IDS["A"], **cases.value(row.cells[0])}


def with_time(update: Any) -> Any:
    """Every update moves the time; the rows leave that out."""
    if isinstance(update, list):
        return [{"$set": {**update[0]["$set"], "updated_at": {"$max": ["$updated_at", {"$literal": NOW}]}}}, *update[1:]]
    return {**update, "$max": {"updated_at": NOW}}


@each("update", only=lambda row: len(row.cells) > 3)
def test_first_command(row: Row) -> None:
    filter, update = next(iter(change_of(row).commands))
    own_id, *guards = filter.get("$and", [filter])
    assert own_id == {"_id": {"$eq": IDS["A"]}}
    assert exact(guards) == exact(cases.value(row.cells[2]))
    assert exact(update) == exact(with_time(cases.value(row.cells[3])))


@each("update", only=answered)
def test_update(row: Row, scratch: Collection[Document]) -> None:
    start = start_of(row)
    expected = {"_id": IDS["A"], **cases.value(row.cells[-1]), "updated_at": NOW}
    change = change_of(row)
    assert exact(change.apply(start)) == exact(expected)
    assert exact(start) == exact(start_of(row))
    assert exact(sent(change, scratch, start)) == exact(expected)


@each("update", only=refused)
def test_refused_update(row: Row, scratch: Collection[Document]) -> None:
    """Refused with the request, or, where there are commands, by every one of them."""
    start = start_of(row)
    with pytest.raises(cq.RequestError) as caught:
        change_of(row).apply(start)
    assert cases.shown(caught.value, row.cells[-1]) == row.cells[-1]
    if len(row.cells) > 3:
        assert sent(change_of(row), scratch, start) is None


# --- classes ----------------------------------------------------------------------------------------------------------------------


@each("schema")
def test_definition_is_refused(row: Row) -> None:
    """Each fault is a problem of its own, in the order of the cell; what a cell leaves out may not be found."""
    with pytest.raises(cq.DefinitionError) as caught:
        cq.ClassSchema.from_json(json.loads(row.cells[0]))
    wanted = row.cells[1].split(" ; ")
    assert len(caught.value.problems) == len(wanted), caught.value.problems
    for mention in wanted:
        assert any(all(word in problem for word in mention.split(" .. ")) for problem in caught.value.problems), (mention, caught.value)


# --- completeness -----------------------------------------------------------------------------------------------------------------

ELSEWHERE = frozenset({"any", "user_text"})
"""Kinds of host conditions, and of another type of user ids: no class of the fixture has them."""


def compared(condition: Condition) -> set[tuple[str, str]]:
    """Operators of a condition with the types they compare."""
    if isinstance(condition, Compare):
        return {(condition.operator.name, condition.field.type.kind)}
    return {pair for member in getattr(condition, "members", ()) for pair in compared(member)}


def test_every_operator_has_a_row_for_every_type() -> None:
    cells = {(operator.name, kind) for operator in cq.SEARCH.rows for kind in operator.kinds if kind not in ELSEWHERE}
    held = {pair for row in cases.rows("search") if answered(row) for pair in compared(plan_of(row).query.condition)}
    assert held == cells


def test_every_update_operator_has_a_row() -> None:
    held = {change.operator.name for row in cases.rows("update") if len(row.cells) > 3 for change in change_of(row).update.changes}
    assert held == set(UPDATE)


def test_null_is_no_body() -> None:
    with pytest.raises(cq.RequestError) as caught:
        cq.parse(cq.read_json("null"), SCHEMAS["item"])
    assert cases.shown(caught.value, "422 wrong_type base") == "422 wrong_type base"
