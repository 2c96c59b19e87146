"""How requests of every place are read, word for word: the tree, or each fault with its place and text, a line of `cases/read.jsonl` each.

Other tests hold both to the grammar and the specification; this one notices, without any of it, that something reads otherwise. A new
line may lack its last member: ``python -m tests.test_read`` fills it in, to be read in the difference.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bson import DatetimeMS, Int64, ObjectId

import cubequery as cq
from cubequery.ast import After
from cubequery.check.cursor import LONGEST, read_cursor, write_cursor
from cubequery.errors import Refused
from cubequery.parse import reader_for, sources
from cubequery.values import UNSET
from tests.test_compiled import OWNED, SCHEMA

KEPT = Path(__file__).parent / "cases" / "read.jsonl"
LINES = KEPT.read_text(encoding="utf-8").splitlines()
REQUIRED = cq.ClassSchema(
    "required",
    {
        "must": cq.Integer(required=True, minimum=1), "word": cq.String(default="a", max_length=3), "x": cq.Boolean,
        "list": cq.Array(cq.Integer, required=True), "o": cq.Object({"must": cq.String(required=True), "n": cq.Integer(default=7)}),
        "p": cq.Object({"n": cq.Integer(default=8)}, required=True),
    },
)  # fmt: skip
NAMED = cq.ClassSchema("named", {"n": cq.Integer, "s": cq.String}, id_type="String")
SCHEMAS = {"kept": SCHEMA, "owned": OWNED, "required": REQUIRED, "named": NAMED, "fixed": SCHEMA.under(["n", "o.y"])}
FEW = cq.Settings(limits=cq.Limits(max_records=3, max_list_items=4, max_calcs=2, max_conditions=5, max_or_conditions=2, max_names=12))


def read(place: str, given: Any) -> Any:
    """The tree as a text, or the faults: ``place`` is ``class:place``, with ``!`` behind for an admin and ``?`` for tight limits."""
    name, _, where = place.rstrip("!?").partition(":")
    reader = reader_for(SCHEMAS[name], FEW if "?" in place else cq.Settings(), where)
    how = sources(given) if isinstance(given, str) else sources("", json=given)
    if where not in ("list", "delete_by_criteria", "record") and isinstance(given, str):
        how = sources("", form=given, json=UNSET)
    try:
        return repr(reader.read(how, admin="!" in place))
    except cq.RequestError as error:
        return [[fault.code, fault.key, fault.source, fault.offset, fault.path, fault.text] for fault in error.faults]


def again(line: str) -> str:
    """A line with what is read today."""
    place, given, *_ = json.loads(line)
    return json.dumps([place, given, read(place, given)])


@pytest.mark.parametrize("first", range(0, len(LINES), 32))
def test_what_is_read_is_what_was_kept(first: int) -> None:
    for line in LINES[first : first + 32]:
        assert again(line) == line


ORDER = [(SCHEMA.names()["d"], True), (SCHEMA.names()["o"].leaves[1], False), (SCHEMA.names()["_id"], False)]
STORED = {"_id": ObjectId("5c0d7458ca8bf43a5b8cf487"), "d": dt.datetime(2024, 1, 2), "o": {"y": 2**40}}


def test_a_cursor_is_read_as_it_was_written() -> None:
    """Values of every kind come back with their types; the order that it was written for is part of it."""
    cursor = write_cursor(STORED, ORDER)
    assert read_cursor(cursor, ORDER).values == (dt.datetime(2024, 1, 2), Int64(2**40), STORED["_id"])
    assert base64.urlsafe_b64decode(cursor + "==").startswith(b'[["-d","+o[x]","+_id"],[{"$date":')
    assert read_cursor("", ORDER) == After()
    assert read_cursor(write_cursor({"_id": 1}, ORDER), ORDER).values == (None, None, 1)
    assert read_cursor(write_cursor({"_id": 1, "o": 5}, ORDER), ORDER).values == (None, None, 1)
    far = write_cursor({"_id": 1, "d": DatetimeMS(2**50)}, ORDER)
    assert read_cursor(far, ORDER).values[0] == DatetimeMS(2**50)


CHANGES: dict[str, Callable[[str], str]] = {
    "other case": str.lower, "no beginning": lambda text: text[1:], "no end": lambda text: text[:-1],
    "a foreign character": lambda text: f"{text[:8]}!{text[8:]}", "a line break": lambda text: f"{text}\n",
    "not ASCII": lambda text: f"{text}é", "too long": lambda text: text.ljust(LONGEST + 1, "A"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_cursor_is_refused(change: Callable[[str], str]) -> None:
    cursor = write_cursor(STORED, ORDER)
    with pytest.raises(Refused) as refused:
        read_cursor(change(cursor), ORDER)
    assert refused.value.code == "wrong_type"


@pytest.mark.parametrize("order", [ORDER[1:], ORDER[::-1], [(ORDER[0][0], False), *ORDER[1:]]], ids=["shorter", "turned", "ascending"])
def test_a_cursor_of_another_order_is_refused(order: Any) -> None:
    with pytest.raises(Refused, match="wrong_type"):
        read_cursor(write_cursor(STORED, ORDER), order)


def test_a_cursor_is_bounded() -> None:
    """No longer than LONGEST, to the character; of values that no page can go on from there is none."""
    order = [(SCHEMA.names()["s"], False), ORDER[-1]]
    longest = next(size for size in range(3_100, 2_900, -1) if _fits({"_id": 1, "s": "x" * size}, order))
    assert LONGEST - 3 <= len(write_cursor({"_id": 1, "s": "x" * longest}, order)) <= LONGEST
    assert read_cursor(write_cursor({"_id": 1, "s": "x" * longest}, order), order).values[0] == "x" * longest
    with pytest.raises(cq.RequestError) as refused:
        write_cursor({"_id": 1, "s": [1]}, order)
    assert [(fault.code, fault.key, fault.text) for fault in refused.value.faults] == [
        ("operator_type", "_after", 'Operator "_after" cannot be used on the stored value')
    ]


def _fits(document: dict[str, Any], order: Any) -> bool:
    try:
        return bool(write_cursor(document, order))
    except cq.RequestError as error:
        return (error.status, error.code, error.key) != (422, "too_big", "_after")


if __name__ == "__main__":
    KEPT.write_text("".join(f"{again(line)}\n" for line in LINES), encoding="utf-8")
