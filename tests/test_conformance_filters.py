"""Recorded filters with MongoDB's own answers: in memory and compiled, every line must come out as recorded."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from bson import encode
from pymongo.collection import Collection

from cubequery.ast import Condition
from cubequery.compile import compile_filter
from cubequery.errors import DefinitionError
from cubequery.evaluate import matcher, selector
from cubequery.host import condition
from tests.support.mongod import Document
from tests.support.shared import Case, conformance

SUITES = ("ferretdb", "mongomock", "meteor", "sift", "mingo", "contains")

# Lines that MongoDB answers and we refuse to read, by suite and line from 1, with the reason. Nothing else may be left out.
REFUSED_BY_US: dict[tuple[str, int], str] = {
    ("ferretdb", number): "an empty path: no field has an empty name, so a host that sends one has lost a name"
    for number in range(826, 831)
}


def _lines(suite: str) -> list[tuple[int, Case]]:
    return list(enumerate(conformance(f"filters_{suite}"), 1))


def _answered(suite: str) -> list[tuple[int, Case]]:
    """Lines that have an answer, and that we read."""
    return [(number, case) for number, case in _lines(suite) if "match" in case and (suite, number) not in REFUSED_BY_US]


def _is_refused(document: Any) -> bool:
    try:
        condition(document)
    except DefinitionError:
        return True
    return False


@pytest.mark.parametrize("suite", SUITES)
def test_in_memory(suite: str) -> None:
    wrong = []
    for number, case in _answered(suite):
        tree = condition(case["filter"])
        found = [matcher(tree)(case["doc"]), bool(selector(tree)([case["doc"]])), matcher(tree)(_plain(case["doc"]))]
        if found != [case["match"]] * 3:
            wrong.append((number, found, case))
    assert not wrong


def _plain(value: Any) -> Any:
    """The same document of plain dicts, as pymongo returns it."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("suite", SUITES)
def test_compiled(suite: str, collection: Collection[Document]) -> None:
    """All conditions on one stored document are asked in one command."""
    documents: dict[bytes, list[tuple[int, Case]]] = {}
    for number, case in _answered(suite):
        documents.setdefault(encode(case["doc"]), []).append((number, case))
    wrong = []
    for cases in documents.values():
        collection.delete_many({})
        collection.insert_one(dict(cases[0][1]["doc"]))
        answers = _ask(collection, [condition(case["filter"]) for _, case in cases])
        wrong += [line for line, answer in zip(cases, answers, strict=True) if answer != line[1]["match"]]
    assert not wrong


def _ask(collection: Collection[Document], conditions: list[Condition]) -> list[bool]:
    branches = {f"c{place}": [{"$match": compile_filter(tree)}, {"$count": "n"}] for place, tree in enumerate(conditions)}
    (answer,) = collection.aggregate([{"$facet": branches}])
    return [bool(answer[branch]) for branch in branches]


def test_what_mongodb_refuses_is_refused() -> None:
    accepted = [
        (suite, number) for suite in SUITES for number, case in _lines(suite) if "error" in case and not _is_refused(case["filter"])
    ]
    assert not accepted


def test_only_listed_lines_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter[str] = Counter()
    refused = set()
    for suite in SUITES:
        for number, case in _lines(suite):
            counts["refused" if "error" in case else "dotted" if case.get("dotted") else "undotted"] += 1
            if "match" in case and _is_refused(case["filter"]):
                refused.add((suite, number))
    with capsys.disabled():
        print(f"\nrecorded filters: {counts.total()} lines, {dict(counts)}, of them answered but not read: {len(refused)}")
    assert refused == set(REFUSED_BY_US)
