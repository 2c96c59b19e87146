"""Bodies of create and update: field values by name, in the dialect's forms, turned into the engine's own body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cubequery import errors
from cubequery.ast import Create, Field, Update
from cubequery.check.plain import is_reserved
from cubequery.dialects.cubicl.binding import Bound
from cubequery.dialects.cubicl.declaration import CREATE
from cubequery.dialects.cubicl.operands import IDS, TIMES, read_value
from cubequery.dialects.cubicl.refusals import CREATE_FORM, UPDATE_FORM, CubiclError, Findings
from cubequery.errors import Fault, Refused, RequestError
from cubequery.names import KnownNames
from cubequery.parse import read_json, reader_for, sources
from cubequery.values import Huge

Path = tuple[str | int, ...]


class Written:
    """A body that was read.

    ``body`` is the same change as the engine's ``create`` and ``update`` take it. ``refusal`` is what its meaning is refused with (422), to
    be raised once the record and the right are known to be there; ``tree`` is what the body comes to where nothing is wrong.
    """

    def __init__(self, body: dict[str, Any], tree: Create | Update | None, refusal: CubiclError | None) -> None:
        self.body, self.tree, self.refusal = body, tree, refusal

    def check(self) -> None:
        """Raises the refusal, if there is one."""
        if self.refusal is not None:
            raise self.refusal


def read_body(given: bytes | str | Mapping[str, Any], bound: Bound, operation: str, *, admin: bool) -> Written:
    """The body of a ``create`` or ``update``, as received or decoded. Raises CubiclError 400 where its form is at fault."""
    found = Findings(CREATE_FORM if operation == CREATE else UPDATE_FORM)
    try:
        decoded = given if isinstance(given, Mapping) else read_json(given, bound.settings.limits)
    except RequestError as error:
        raise CubiclError(error.faults, 400) from None
    if not isinstance(decoded, Mapping):
        raise CubiclError([errors.wrong_type("object", "base")], 400)
    _check_size(decoded, bound)
    body: dict[str, Any] = {}
    for name, value in decoded.items():
        field = bound.names.fields.get(name)
        if field is None:
            found.add(errors.unknown_field(str(name), KnownNames(bound.names.fields)).under((name,)))
        elif not is_reserved(field, bound.schema) or (admin and (field.name != "_id" or operation == CREATE)):
            _take(field, field.name, value, body, (name,), bound, found)
    tree = _tree(body, bound, operation, found, admin=admin)
    found.check_form()
    return Written(body, tree, found.refusal())


def _take(field: Field, name: str, value: Any, into: dict[str, Any], path: Path, bound: Bound, found: Findings) -> None:
    """Put a value under its engine name; an Object's sub-fields one by one, so that one without any changes nothing."""
    if field.leaves and isinstance(value, Mapping):
        _check_size(value, bound)
        inside: dict[str, Any] = {}
        own = {leaf.name[len(field.name) + 1 : -1]: leaf for leaf in field.leaves}
        for word, each in value.items():
            if word in own:
                _take(own[word], word, each, inside, (*path, word), bound, found)
            else:
                found.add(
                    errors.unknown_field(f"{field.name}[{word}]", KnownNames(leaf.name for leaf in field.leaves)).under((*path, word))
                )
        if inside:
            into[name] = inside
        return
    try:
        into[name] = None if value is None else _checked(value, field, bound)
    except Refused as refused:
        key = field.name if len(path) > 1 else str(path[0])  # a system field by its name in the dialect
        found.add(errors.refused(refused.code, _what(field), key).under(path))


def _check_size(given: Mapping[str, Any], bound: Bound) -> None:
    if len(given) > bound.settings.limits.max_names:
        raise CubiclError([errors.too_large("names")], 400)


def _checked(value: Any, field: Field, bound: Bound) -> Any:
    """A value in a form that the dialect writes. Times are whole numbers and ids texts; the engine itself is told no more than it was."""
    kind = field.type.kind
    if isinstance(value, Mapping) and kind != "File":  # neither elements by index nor operators are offered
        raise Refused("wrong_type")
    if kind in TIMES:
        if isinstance(value, Huge):
            raise Refused("out_of_range")
        if type(value) is not int:
            raise Refused("wrong_type")
    if kind in IDS:
        if not isinstance(value, str):
            raise Refused("wrong_type")
        read_value(value, field.type, bound.settings.limits)
    return value


def _what(field: Field) -> str:
    return "whole Unix seconds" if field.type.kind in TIMES else field.type.name


def _tree(body: dict[str, Any], bound: Bound, operation: str, found: Findings, *, admin: bool) -> Create | Update | None:
    """What the engine reads from the body, its faults under the dialect's names."""
    reader = reader_for(bound.schema, bound.settings, operation)
    try:
        tree = reader.read(sources("", json=body), admin=admin)
    except RequestError as error:
        for fault in (_renamed(each, bound) for each in error.faults):
            if not found.has(fault.key):  # what was given in a wrong form is not missing
                found.add(fault)
        return None
    assert isinstance(tree, Create | Update)
    return tree


def _renamed(fault: Fault, bound: Bound) -> Fault:
    shown = {name: shown for shown, name in bound.names.engine.items()}
    path = None if fault.path is None else (shown.get(str(fault.path[0]), fault.path[0]), *fault.path[1:])
    return replace(fault, key=shown.get(fault.key, fault.key), path=path)
