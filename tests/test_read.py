"""How requests of every place are read, word for word: the tree, or each fault with its place and text, a line of `cases/read.jsonl` each.

Other tests hold both to the grammar and the specification; this one notices, without any of it, that something reads otherwise. A new
line may lack its last member: ``python -m tests.test_read`` fills it in, to be read in the difference.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import cubequery as cq
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
SCHEMAS = {"kept": SCHEMA, "owned": OWNED, "required": REQUIRED}
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


if __name__ == "__main__":
    KEPT.write_text("".join(f"{again(line)}\n" for line in LINES), encoding="utf-8")
