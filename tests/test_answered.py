"""Conditions, updates, order and groups as a real server answered them: each line of `cases/answered.jsonl` has its documents.

A line holds them, or the seed by which they are drawn, and the answer. Other tests ask a server about other documents each time; these
need none. ``python -m tests.test_answered`` asks anew.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bson.json_util import JSONMode, JSONOptions, dumps, loads
from pymongo import MongoClient
from pymongo.errors import OperationFailure, WriteError

from cubequery.ast import Aggregate, Assign, Calc, Field
from cubequery.compile.mongo_query import calc_name
from cubequery.errors import DefinitionError
from cubequery.evaluate import candidates, expression_value, first, group, matcher, selector, sort_documents
from cubequery.evaluate.update import ChangeRefused, apply_changes
from cubequery.host import condition
from cubequery.host_update import mutation
from cubequery.operators import CALCULATIONS
from cubequery.ordering import MISSING, equal
from cubequery.values import Boolean, Date, Float, Integer, String, UserIdType
from tests.support.mongod import Document, server
from tests.test_evaluator import asked, documents, filled, ids, stored, tree
from tests.test_evaluator_order import FOREIGN, NUMBERS, ORDERS, Rows, grouped, same, without_places
from tests.test_update_evaluator import FORMS, MIXED, as_stored, changes, difference, document, on_server

KEPT = Path(__file__).parent / "cases" / "answered.jsonl"
OPTIONS = JSONOptions(json_mode=JSONMode.CANONICAL, tz_aware=False)
LINES = KEPT.read_text(encoding="utf-8").splitlines() if KEPT.is_file() else []
STORED: Document = {"_id": 1, "f": MIXED, "n": 5}
KINDS = {kind.name: kind for kind in (Integer(), Float(), String(), Boolean(), Date())} | {"user": UserIdType()}


def grouping(kind: str, place: str) -> Aggregate:
    """Groups by a field, with every calculation over whole and broken numbers."""
    by, *numbers = Field("f", place, KINDS[kind]), Field("n", "n", Integer()), Field("x", "o.x", Float())
    return Aggregate(by, tuple(Calc(row, field, f"{row.name} {field.name}") for row in CALCULATIONS for field in numbers))


def updates(seed: int) -> list[tuple[Document, tuple[Assign, ...]]]:
    """Documents and what is changed of them, the same for the same seed."""
    rng = random.Random(seed)
    return [({"_id": number, **document(rng)}, changes(rng)) for number in range(40)]


def changed(update: Document) -> bytes | None:
    """What an update as it stands leaves of one document; None where it is refused."""
    try:
        return as_stored(apply_changes(STORED, mutation(update), strict=True))
    except (DefinitionError, ChangeRefused):
        return None


def check_order(kept: Document) -> None:
    made, keys = kept["documents"], [(path, direction) for path, direction in kept["order"]]
    assert ids(sort_documents(made, keys)) == kept["answer"]
    for count in range(len(made) + 2):
        assert ids(first(made, keys, count)) == kept["answer"][:count]


def check_filters(kept: Document) -> None:
    made = kept["documents"]
    for given, answer in zip(kept["filters"], kept["answer"], strict=True):
        node = condition(given)
        assert ids(selector(node)(made)) == answer, given
        assert ids([each for each in made if matcher(node)(each)]) == answer, given


def check_updates(kept: Document) -> None:
    cases = zip(updates(kept["updates"]), kept["answer"], strict=True)
    found = [difference(*case, theirs, strict=True) for case, theirs in cases]
    assert not any(found), "\n".join(filter(None, found))


def check_forms(kept: Document) -> None:
    for update, theirs in zip(FORMS, kept["answer"], strict=True):
        assert changed(update) == (theirs and as_stored(theirs)), update


def check_path(kept: Document) -> None:
    made, path = kept["documents"], kept["path"]
    assert ids([each for each in made if any(value is not MISSING for value in candidates(each, path))]) == kept["present"]
    assert all(equal(expression_value(each, path), kept["answer"].get(str(each["_id"]), MISSING)) for each in made)


def check_group(kept: Document) -> None:
    rows = group(kept["documents"], grouping(*kept["group"]))
    assert [row.keys() for row in rows] == [row.keys() for row in kept["answer"]]
    assert all(same(mine[key], row[key]) for mine, row in zip(rows, kept["answer"], strict=True) for key in mine), kept["group"]


CHECKS = {
    "order": check_order, "filters": check_filters, "updates": check_updates, "forms": check_forms, "path": check_path,
    "group": check_group,
}  # fmt: skip


@pytest.mark.parametrize("line", range(0, len(LINES), 8))
def test_answers_are_those_that_were_kept(line: int) -> None:
    for text in LINES[line : line + 8]:
        kept = loads(text, json_options=OPTIONS)
        (asked_for,) = kept.keys() & CHECKS.keys()
        CHECKS[asked_for](kept)


def test_there_are_answers() -> None:
    assert len(LINES) > 90


def _orders(collection: Rows) -> Iterator[Document]:
    for order in (*ORDERS, (("s", 1), ("t", 1), ("a", -1)), (("a.b.c", 1),)):
        pick, keys, found = random.Random(str(order)), [*order, ("_id", 1)], 0
        while found < 4:
            made = filled(collection, [{**each, "a": without_places(each.get("a"))} for each in documents(pick, 12)])
            try:
                answer = ids(list(collection.find({}, {"_id": 1}).sort(keys)))
            except OperationFailure:  # two arrays side by side: the server refuses
                continue
            found += 1
            yield {"order": keys, "documents": pick.sample(made, len(made)), "answer": answer}


def _conditions(collection: Rows) -> Iterator[Document]:
    for seed in range(16):
        pick = random.Random(seed)
        made = filled(collection, documents(pick, 12))
        filters = [tree(pick) for _ in range(24)]
        yield {"filters": filters, "documents": made, "answer": asked(collection, [*map(condition, filters)])}


def _updates(collection: Rows) -> Iterator[Document]:
    for seed in range(1000, 1008):
        yield {"updates": seed, "answer": list(on_server(collection, updates(seed)))}
    answers: list[Document | None] = []
    for update in FORMS:
        filled(collection, [STORED])
        try:
            collection.update_one({"_id": 1}, update)
            answers.append(collection.find_one({}))
        except WriteError:
            answers.append(None)
    yield {"forms": len(FORMS), "answer": answers}


def _paths(collection: Rows) -> Iterator[Document]:
    for path in ("a", "a.b", "a.b.c", "a.0", "a.0.b", "a.b.0"):
        made = filled(collection, documents(random.Random(path), 24))
        present = ids(list(collection.find({path: {"$exists": True}}, {"_id": 1}).sort("_id")))
        values = {str(row["_id"]): row["v"] for row in collection.aggregate([{"$project": {"v": f"${path}"}}]) if "v" in row}
        yield {"path": path, "documents": made, "present": present, "answer": values}


def _groups(collection: Rows) -> Iterator[Document]:
    for kind in KINDS:
        for place in ("f", "a.f"):
            pick, aggregate = random.Random(f"{kind} {place}"), grouping(kind, place)
            names = {calc_name(number): calc.key for number, calc in enumerate(aggregate.calcs)}
            for _ in range(2):
                made = filled(collection, [_record(pick, number, place) for number in range(14)])
                answer = [{names.get(key, key): value for key, value in row.items()} for row in grouped(collection, aggregate)]
                yield {"group": [kind, place], "documents": made, "answer": answer}


def _record(pick: random.Random, number: int, place: str) -> Document:
    value = pick.choice((*NUMBERS, *FOREIGN, stored(pick, 1), stored(pick, 1)))
    top: Document = {"f": value} if place == "f" else {"a": pick.choice(({"f": value}, {"f": value}, [{"f": 1}], 1, None))}
    inner = pick.choice(({"x": pick.choice((*NUMBERS, *FOREIGN))}, {"x": pick.choice(NUMBERS)}, [{"x": 1}], None))
    every = {**top, "n": pick.choice((*NUMBERS, *FOREIGN)), "o": inner}
    return {"_id": number, **{key: given for key, given in every.items() if pick.random() < 0.9}}


def main() -> None:
    """Ask a server about the same documents again."""
    with server() as uri, MongoClient[Any](uri) as client:
        collection = client["answered"]["documents"]
        lines = [
            dumps(each, json_options=OPTIONS)
            for each in (*_conditions(collection), *_updates(collection), *_paths(collection), *_orders(collection), *_groups(collection))
        ]
    KEPT.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
