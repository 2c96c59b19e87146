"""Changes of a stored document, as one MongoDB update leaves it: all of them or none, the given document never touched."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from bson import encode

from cubequery.ast import Assign, Field
from cubequery.errors import Refused
from cubequery.evaluate.paths import as_document
from cubequery.operators import UpdateOperator
from cubequery.operators.update import written_order
from cubequery.ordering import MISSING

PADDING = 1_500_000
"""New elements that MongoDB makes room for at most, when an index lies beyond the end."""


class ChangeRefused(Refused):
    """Changes that the stored values do not allow: ``reasons`` are the fields that they would change, each with its code, in order."""

    def __init__(self, reasons: Sequence[tuple[Field, str]]) -> None:
        super().__init__(reasons[0][1])
        self.reasons = tuple(reasons)


def apply_changes(document: Mapping[str, Any], changes: Sequence[Assign], *, strict: bool = False) -> dict[str, Any]:
    """A new document with every change made. Raises :class:`ChangeRefused` with all of ``operator_type``, ``overflow``, ``index`` or
    codes of field options.

    Every change is decided over the document as it was, as the filter of the one update would; so their order does not matter.
    ``strict``: a recorded MongoDB update, which knows neither types of fields nor a null that is unset, but goes into arrays by index.
    """
    results, refused = [], []
    for change in changes:
        try:
            results.append((change, _result(document, change, strict)))
        except Refused as reason:
            refused.append((change.field, reason.code))
    if refused:
        raise ChangeRefused(refused)
    changed: Any = dict(document)
    for change, result in sorted(results, key=lambda pair: written_order(pair[0].field.path)):
        if result is not MISSING:
            changed = _with(changed, change.field.path.split("."), result, strict)
        elif change.operator.own == "any":
            changed = _without(changed, change.field.path.split("."), strict)
    if strict:
        _same_id(document, changed, changes)
    return changed  # type: ignore[no-any-return]  # a document stays one


def _result(document: Mapping[str, Any], change: Assign, strict: bool) -> Any:
    """What the field holds afterwards; ``MISSING`` where a set or unset field goes, and where any other stays as it is."""
    return (_recorded if strict else _requested)(document, change.field, change.operator, _copied(change.operand))


def _requested(document: Mapping[str, Any], field: Field, row: UpdateOperator, operand: Any) -> Any:
    """A plain value replaces whatever is there; operators want the field's own values, and take null as unset."""
    if row.own == "any":
        return row.decide(MISSING, operand)
    value = _stored(document, field.path.split("."))
    if value is MISSING or value is None:
        value, result = MISSING, row.fresh(operand)
    elif field.type.owns(value):
        result = row.decide(value, operand)
    else:
        raise Refused("operator_type")
    if row.judged and result is not MISSING:
        _judge(field, value, result)
    return result


def _judge(field: Field, value: Any, result: Any) -> None:
    """Options bind what is written: an array, whose new elements were judged with the request, must not grow past its length."""
    code: str | None
    if isinstance(result, list):
        most, length = field.type.max_length, 0 if value is MISSING else len(value)
        code = "too_big" if most is not None and len(result) > max(most, length) else None
    elif isinstance(result, float) and not math.isfinite(result):
        code = "overflow"
    else:
        code = field.type.judge(result)
    if code is not None:
        raise Refused(code)


def _stored(document: Any, parts: Sequence[str]) -> Any:
    """The value of a field; a null in its Object's place counts as unset, anything else but a document there is foreign."""
    value = document
    for part in parts:
        inner = as_document(value)
        if inner is None:
            return _unless_foreign(value)
        value = inner.get(part, MISSING)
    return value


def _unless_foreign(value: Any) -> Any:
    if value is not MISSING and value is not None:
        raise Refused("operator_type")
    return MISSING


def _recorded(document: Mapping[str, Any], field: Field, row: UpdateOperator, operand: Any) -> Any:
    """MongoDB's own answer: only $unset passes over a value that the path cannot go into."""
    if row.shape == "nothing":
        return MISSING
    creates = row.decide(MISSING, operand) is not MISSING
    return row.decide(_reached(document, field.path.split("."), creates), operand)


def _reached(document: Any, parts: Sequence[str], creates: bool) -> Any:
    """What stands at a path that may go through arrays by index."""
    value = document
    for part in parts:
        inner = as_document(value)
        if inner is not None:
            value = inner.get(part, MISSING)
        elif isinstance(value, list) and (place := _place(part)) is not None:
            value = _element(value, place, creates)
        elif value is not MISSING:
            raise Refused("operator_type")
    return value


def _element(array: list[Any], place: int, creates: bool) -> Any:
    if creates and place - len(array) > PADDING:
        raise Refused("index")
    return array[place] if place < len(array) else MISSING


def _place(part: str) -> int | None:
    """The index that a part of a path names: digits of at most 32 bits, any number of leading zeros."""
    digits = part.lstrip("0") or part[:1]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 11 and int(digits) < 2**32 else None


def _with(value: Any, parts: Sequence[str], result: Any, strict: bool) -> Any:
    """A copy of the value with the result at the path inside it; what the path cannot go into gives way to a new document."""
    if not parts:
        return result
    if strict and isinstance(value, list) and (place := _place(parts[0])) is not None:
        array = value + [None] * (place + 1 - len(value))
        array[place] = _with(array[place], parts[1:], result, strict)
        return array
    inner = dict(as_document(value) or {})
    inner[parts[0]] = _with(inner.get(parts[0]), parts[1:], result, strict)
    return inner


def _without(value: Any, parts: Sequence[str], strict: bool) -> Any:
    """A copy of the value less what stands at the path inside it: an element of an array leaves a null behind."""
    if strict and isinstance(value, list):
        place = _place(parts[0])
        if place is None or place >= len(value):
            return value
        left = None if len(parts) == 1 else _without(value[place], parts[1:], strict)
        return [*value[:place], left, *value[place + 1 :]]
    inner = as_document(value)
    if inner is None or parts[0] not in inner:
        return value
    if len(parts) == 1:
        return {name: item for name, item in inner.items() if name != parts[0]}
    return {name: _without(item, parts[1:], strict) if name == parts[0] else item for name, item in inner.items()}


def _copied(value: Any) -> Any:
    """The operand's own lists and documents, so that the new document shares none with the request."""
    if isinstance(value, list | tuple):
        return [_copied(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _copied(item) for name, item in value.items()}
    return value


def _same_id(before: Mapping[str, Any], after: Mapping[str, Any], changes: Sequence[Assign]) -> None:
    """``_id`` never changes, its type included."""
    for change in changes:
        if change.field.path.split(".")[0] == "_id" and _id_bytes(before) != _id_bytes(after):
            raise ChangeRefused([(change.field, "conflict")])


def _id_bytes(document: Mapping[str, Any]) -> bytes:
    return encode({"_id": document["_id"]} if "_id" in document else {})
