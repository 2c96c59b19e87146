"""One comparison made ready for a generated loop: what is decided in place, and functions for everything else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

from bson import Int64, ObjectId, Timestamp

from cubequery.ast import Compare
from cubequery.evaluate.paths import candidates, expression_value, opened
from cubequery.evaluate.source import function
from cubequery.operators import SEARCH, SearchOperator
from cubequery.ordering import MISSING
from cubequery.record import Record

Decision = Callable[[Any], bool]

NUMBERS: Final = frozenset({int, float, Int64})
SIMPLE: Final = frozenset({*NUMBERS, str, bool, ObjectId, dt.datetime, dict})
"""Stored classes that are surely foreign to an operand of another class."""
FOREIGN: Final = Timestamp(0, 0)
"""Stands for every foreign value: no quick operand is of its class."""

ARRAYS: Final[Mapping[str, tuple[bool | None, str]]] = {
    "v == x": (True, "x in v"),
    "v != x": (False, "x not in v"),
    "v in x": (True, "not x.isdisjoint(v)"),
    "v not in x": (False, "x.isdisjoint(v)"),
    "x == {v}": (None, "x.issubset(v)"),
    **dict.fromkeys(("v > x", "v >= x", "v < x", "v <= x", "x in v", "v.startswith(x)"), (True, "")),
}
"""What a stored array means to our own rows, by their quick text: the decision on one element that decides for all (None: there is
none), and the decision on a list at once where the operand is text or an id. That may raise TypeError on an element without hash."""
FEW = 4
"""Operands for which ``x0 in v or x1 in v`` takes less time than a set, and never raises."""
_OURS = frozenset(map(id, SEARCH.rows))

_VALUE = """
def decide(w, x, own, simple, stop, unset, foreign, total):
    if type(w) is list and stop is not None:
        for v in w:
            if {own}:
                if ({quick}) is stop:
                    return stop
            elif v is None:
                if unset is stop:
                    return stop
            elif type(v) not in simple:
                return total(w)
        return not stop
    v = w
    if {own}:
        return {quick}
    return foreign if type(v) in simple else total(v)
"""


class Leaf(Record):
    """A comparison in parts.

    ``value`` decides any stored value that is not null, ``record`` any document.
    ``unset`` is the decision on absent and null, ``foreign`` the one on SIMPLE classes; None where there is no constant one.
    ``quick`` is right where the stored value's class is ``own``, ``listed`` where it is a list; empty where there is no short cut.
    ``few`` are the operands of a list where the question is which of them a stored array holds, and they are so few that ``in`` is fastest.
    """

    value: Decision
    record: Decision
    unset: bool | None
    foreign: bool | None = None
    own: type | None = None
    operand: Any = None
    quick: str = ""
    listed: str = ""
    few: tuple[Any, ...] = ()


def leaf(node: Compare) -> Leaf:
    """The parts of one comparison. A row from outside is quick on scalars only; about anything else it is asked itself."""
    row = node.operator
    decide = row.decide(node.operand)
    value, record = _total(row, decide, node.field.compared)
    unset = decide((None,)) if decide((None,)) == decide((MISSING,)) else None
    own, operand = _operand(row, node.operand) if row.quick and unset is not None else (None, None)
    is_ours = id(row) in _OURS and row.quick in ARRAYS
    if own is None or (own is type(None) and not is_ours):
        return Leaf(value, record, unset)
    if not is_ours:
        return Leaf(value, record, unset, own=own, operand=operand, quick=row.quick)
    stop, listed = ARRAYS[row.quick]
    foreign = decide((FOREIGN,))
    if own is type(None):
        value = function(_VALUE.format(own="False", quick="False"), (None, None, SIMPLE, stop, unset, foreign, value))
        return Leaf(value, record, unset, foreign)
    source = _VALUE.format(own=guard("v", "own", own, row.quick, every_number=True), quick=row.quick)
    value = function(source, (operand, NUMBERS if own in NUMBERS else own, SIMPLE - {own}, stop, unset, foreign, value))
    if own not in (str, ObjectId):
        return Leaf(value, record, unset, own=own, operand=operand, quick=row.quick)
    few = tuple(operand or ()) if row.quick == "v in x" else ()
    few = few if len(few) <= FEW and None not in few else ()
    return Leaf(value, record, unset, own=own, operand=operand, quick=row.quick, listed=listed, few=few)


def guard(value: str, own: str, kind: type, quick: str, *, read: str = "", every_number: bool = False) -> str:
    """Source that tells whether a value is of the class named ``own``; ``read`` is what first sets it.

    A date must be as MongoDB keeps it: without zone, in whole milliseconds. Operands are whole ones, so that what is cut off can neither
    lift a date to one nor push it below.
    """
    if every_number and kind in NUMBERS:
        return f"type({read or value}) in {own}"
    cut = "" if quick in ("v >= x", "v < x") else f" and not {value}.microsecond % 1000"
    date = f" and {value}.tzinfo is None{cut}" if kind is dt.datetime else ""
    return f"type({read or value}) is {own}{date}"


def _total(row: SearchOperator, decide: Decision, path: str) -> tuple[Decision, Decision]:
    """The row's own decision on a stored value, and on a document."""
    if row.whole:
        return lambda value: decide((value,)), lambda record: decide((expression_value(record, path),))
    return lambda value: decide(opened(value)), lambda record: decide(candidates(record, path))


def _operand(row: SearchOperator, operand: Any) -> tuple[type | None, Any]:
    """The operand as quick expressions take it, and its class; no class where there is no short cut."""
    if row.shape != "list":
        return _scalar(operand)
    items = [_scalar(item) for item in operand]
    kinds = {kind for kind, _ in items}
    if None in kinds or (type(None) in kinds and not row.null):
        return None, None
    prepared = frozenset(item for _, item in items)
    kinds.discard(type(None))
    if len(kinds) > 1:
        return (int if kinds <= NUMBERS else None), prepared
    return (kinds.pop() if kinds else type(None)), prepared


def _scalar(operand: Any) -> tuple[type | None, Any]:
    kind = type(operand)
    if kind in NUMBERS:
        return (None if operand != operand else float if kind is float else int), operand
    if kind is dt.datetime:
        return kind if operand.tzinfo is None else None, operand.replace(microsecond=operand.microsecond // 1000 * 1000)
    return kind if kind in (str, bool, ObjectId, type(None)) else None, operand
