"""Recorded MongoDB updates: what each leaves behind in memory, and on a real server once it was read and written again."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from bson import encode
from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo.collection import Collection
from pymongo.errors import WriteError

from cubequery.ast import Assign
from cubequery.errors import DefinitionError, Refused
from cubequery.evaluate import matcher
from cubequery.evaluate.update import apply_changes
from cubequery.host import condition
from cubequery.host_update import mutation
from tests.support.mongod import Document
from tests.support.shared import Case, conformance

SUITES = ("updates_ferretdb", "updates_meteor", "updates_mingo", "updates_mongomock")
RECORDED = {"plain": (797, 594), "dotted": (338, 386)}
"""Lines done and lines refused, without and with a dot in a path, as the README of the cases counts them. None is left out below."""
# DATETIME_AUTO: dates that Python cannot hold come back as the cases hold them.
AS_RECORDED: CodecOptions[Document] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO)


def updated(case: Case, changes: tuple[Assign, ...]) -> tuple[Document, int, int]:
    """Document, matched and modified after the update in memory."""
    stored = case["doc"]
    if not matcher(condition(case["query"]))(stored):
        return stored, 0, 0
    after = apply_changes(stored, changes, strict=True)
    return after, 1, int(encode(after) != encode(stored))


def written_again(changes: tuple[Assign, ...]) -> dict[str, dict[str, Any]]:
    """The MongoDB update that the changes stand for."""
    update: dict[str, dict[str, Any]] = {}
    for change in changes:
        update.setdefault(change.operator.command, {})[change.field.path] = change.operator.argument(change.operand)
    return update or {"$set": {}}


def in_memory(case: Case) -> str | None:
    """What differs from the recorded answer, if anything."""
    try:
        after, matched, modified = updated(case, mutation(case["update"]))
    except (DefinitionError, Refused) as refused:
        return None if "error" in case else f"refused: {refused}"
    return _difference(case, after, matched, modified)


def on_server(case: Case, collection: Collection[Document]) -> str | None:
    """The same after the round trip through the tree and the server."""
    try:
        update = written_again(mutation(case["update"]))
    except DefinitionError as refused:
        return None if "error" in case else f"refused: {refused}"
    collection.delete_many({})
    collection.insert_one(case["doc"])
    try:
        seen = collection.update_one(case["query"], update)
    except WriteError as error:
        return None if error.code == case.get("error") else f"code {error.code} instead of {case.get('error')}"
    after = collection.find_one({})
    assert after is not None
    return _difference(case, after, seen.matched_count, seen.modified_count)


def _difference(case: Case, after: Document, matched: int, modified: int) -> str | None:
    """Bytes are compared: the order of keys, int32, int64 and double apart."""
    if "error" in case:
        return f"not refused ({case['error']}): {after}"
    if encode(after) != encode(case["result"]):
        return f"is {after}"
    return None if (matched, modified) == (case["matched"], case["modified"]) else f"counts {matched} {modified}"


def _told(cases: list[Case], differences: list[str | None]) -> str:
    """Differences with what repeats them."""
    pairs = [(case, difference) for case, difference in zip(cases, differences, strict=True) if difference is not None]
    lines = [f"{case['src']}: {dict(case['doc'])} {case['query']} {case['update']} {difference}" for case, difference in pairs]
    return "\n".join([f"{len(lines)} of {len(cases)} lines differ", *lines[:20]])


def _print(what: str, cases: list[Case], differences: list[str | None]) -> None:
    right = Counter("refused" if "error" in case else "done" for case, difference in zip(cases, differences, strict=True) if not difference)
    print(f"{what}: {right.total()} of {len(cases)} as recorded, {dict(right)}")


@pytest.mark.parametrize("suite", SUITES)
def test_recorded_updates_in_memory(suite: str) -> None:
    cases = conformance(suite)
    differences = [in_memory(case) for case in cases]
    _print(f"{suite} in memory", cases, differences)
    assert not any(differences), _told(cases, differences)


@pytest.mark.parametrize("suite", SUITES)
def test_recorded_updates_on_a_server(suite: str, collection: Collection[Document]) -> None:
    cases = conformance(suite)
    kept = collection.with_options(AS_RECORDED)
    differences = [on_server(case, kept) for case in cases]
    _print(f"{suite} on the server", cases, differences)
    assert not any(differences), _told(cases, differences)


def test_nothing_of_the_recorded_updates_is_left_out() -> None:
    counts = Counter(("dotted" if case.get("dotted") else "plain", "error" in case) for suite in SUITES for case in conformance(suite))
    assert {kind: (counts[kind, False], counts[kind, True]) for kind in RECORDED} == RECORDED


def test_input_documents_stay_as_they_were() -> None:
    for suite in SUITES:
        for case in conformance(suite):
            before = encode(case["doc"])
            in_memory(case)
            assert encode(case["doc"]) == before
