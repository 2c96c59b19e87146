"""What it means for records and requests that one definition of a class takes the place of another, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cubequery.ast import Field
from cubequery.record import Record
from cubequery.schema.fields import every_field, meet
from cubequery.schema.permissions import ACTIONS, ClassLevel
from cubequery.values import UNSET, FieldType

if TYPE_CHECKING:
    from cubequery.schema import ClassSchema

COMPATIBLE, NEEDS_SCAN, INCOMPATIBLE = "compatible", "needs_scan", "incompatible"
VERDICTS = (COMPATIBLE, NEEDS_SCAN, INCOMPATIBLE)
"""From harmless to harmful: nothing stored is read otherwise; stored records may not fit and should be looked at; they are read wrongly."""
WIDER = {("Integer", "Float"), ("Integer_a", "Float_a")}
"""Types whose stored values the other type owns as well."""
KEPT = "values stored already stay, only what is written is judged"


class Difference(Record):
    """One thing that differs: ``what`` it is, its verdict, and what it means in one sentence."""

    what: str
    verdict: str
    text: str


class SchemaDiff(Record):
    """All that differs between two definitions of the class ``name``, keys of the class before fields."""

    name: str
    differences: tuple[Difference, ...] = ()

    @property
    def verdict(self) -> str:
        """The worst of all: ``compatible``, ``needs_scan`` or ``incompatible``."""
        return max((each.verdict for each in self.differences), key=VERDICTS.index, default=COMPATIBLE)

    def __str__(self) -> str:
        if not self.differences:
            return f"class {self.name}: nothing differs"
        return "\n".join(
            [f"class {self.name}: {self.verdict}", *(f"  {each.verdict:<12}  {each.what}: {each.text}" for each in self.differences)]
        )


def differences(old: ClassSchema, new: ClassSchema) -> Iterator[Difference]:
    """Every difference between two definitions of one class."""
    yield from _of_class(old, new)
    before, after = ({field.name: field for field in every_field(schema.fields.values())} for schema in (old, new))
    for name, field in after.items():
        found = _of_field(before[name], field) if name in before else _of_new(field, before, after)
        yield from (Difference(f"field {name}", *each) for each in found)
    heirs = {field.path: field.name for field in after.values()}
    for name, field in before.items():
        if name not in after:
            heir = heirs.get(field.path)
            fate = "what is stored stays, and no request sees it" if heir is None else f"its values go by the name {heir}"
            yield Difference(f"field {name}", COMPATIBLE, f"is declared no more: {fate}")


def _of_class(old: ClassSchema, new: ClassSchema) -> Iterator[Difference]:
    if old.id_type != new.id_type:
        yield Difference(
            "id_type", INCOMPATIBLE, f"{old.id_type} becomes {new.id_type}: no request reaches the records stored under their ids"
        )
    before, after = old.strategy, new.strategy
    if (before.kind, before.owner) != (after.kind, after.owner):
        text = f"{_rights(before.kind, before.owner)} become {_rights(after.kind, after.owner)}: records there must be adopted first"
        yield Difference("acl", INCOMPATIBLE, text)
    elif set(before.shared) != set(after.shared):
        text = f"shared fields [{', '.join(before.shared)}] become [{', '.join(after.shared)}]: whoever stands in them has the rights"
        yield Difference("acl", NEEDS_SCAN, text)
    for action in ACTIONS:
        one, other = old.permissions[action], new.permissions[action]
        if one != other:
            own = "" if other.primary else "; records keep rights of their own"
            yield Difference(f"permissions {action}", COMPATIBLE, f"{_level(one)} becomes {_level(other)}{own}")
    if old.parents != new.parents:
        text = f"{_parents(old.parents)} become {_parents(new.parents)}: records below others stay there, and no cascade reaches them"
        yield Difference("parents", NEEDS_SCAN, text)
    if old.private_majority != new.private_majority:
        yield Difference("private_majority", COMPATIBLE, "other indexes serve its lists: make them with ensure_indexes")
    for key in ("relations", "scopes"):
        if getattr(old, key) != getattr(new, key):
            yield Difference(key, COMPATIBLE, "differ")


def _rights(kind: str, owner: str | None) -> str:
    return f"rights by the owner field {owner}" if owner is not None else f"rights by {kind}"


def _level(level: ClassLevel) -> str:
    listed = [str(each) for each in (*level.users, *level.groups)]
    return level.access + (f" [{', '.join(listed)}]" if listed else "") + (" (primary)" if level.primary else "")


def _parents(parents: tuple[str, ...] | None) -> str:
    return "parents of any class" if parents is None else f"parents of [{', '.join(parents)}]"


Found = Iterator[tuple[str, str]]
"""Verdicts and sentences about one field."""


def _of_new(field: Field, before: Mapping[str, Field], after: Mapping[str, Field]) -> Found:
    """A name that was not there; what is stored at its path may have had another name."""
    there = [] if field.leaves else [other for other in before.values() if not other.leaves and meet(other.path, field.path)]
    if field.type.required:
        yield NEEDS_SCAN, "is new and required: records there are without it, and must be given it only when it is written"
    elif not there:
        yield COMPATIBLE, "is new: records there are without it, or hold what was undeclared at its path"
    for other in there:
        if other.path != field.path:
            yield INCOMPATIBLE, f'is new, and its stored path "{field.path}" meets "{other.path}", where {other.name} was stored'
        else:
            yield COMPATIBLE, f"is new, and takes over what was stored as {other.name}"
            yield from _of_field(other, field)


def _of_field(old: Field, new: Field) -> Found:
    one, other = old.type.kind, new.type.kind
    if one != other:
        if (one, other) not in WIDER:
            yield INCOMPATIBLE, f"{one} becomes {other}: what is stored is foreign to it, shown as null and refused by operators"
            return
        yield NEEDS_SCAN, f"{one} becomes {other}: stored integers count as they are"
    if not new.leaves and old.path != new.path:
        yield INCOMPATIBLE, f'the stored path "{old.path}" becomes "{new.path}": what is stored stays behind, unset for every request'
    yield from _of_options(old.type, new.type)


def _of_options(old: FieldType, new: FieldType) -> Found:
    if new.required and not old.required:
        yield NEEDS_SCAN, "becomes required: records without it stay, only what is written is judged"
    elif old.required and not new.required:
        yield COMPATIBLE, "is required no more"
    if _default(old) != _default(new):
        yield COMPATIBLE, "another default: only new records get it"
    for option in ("minimum", "maximum", "max_length"):
        yield from _of_bound(option, old, new)
    one, other = _choices(old), _choices(new)
    if other is not None and (one is None or not one <= other):
        yield NEEDS_SCAN, f"fewer choices: {KEPT}"
    elif one != other:
        yield COMPATIBLE, "more choices"
    if (before := getattr(old, "resolution", None)) != (after := getattr(new, "resolution", None)):
        if after == "ms":
            yield COMPATIBLE, "the resolution s becomes ms: stored times are whole seconds"
        elif before == "ms":
            yield NEEDS_SCAN, "the resolution ms becomes s: stored milliseconds stay, no answer shows them, and no whole second equals them"


def _of_bound(option: str, old: FieldType, new: FieldType) -> Found:
    shown, told = getattr(old, option), getattr(new, option)
    one, other = ((None if given is None else given if option == "max_length" else kind.element.read_json(given))
                  for kind, given in ((old, shown), (new, told)))  # fmt: skip
    if one == other:
        return
    if other is None:
        yield COMPATIBLE, f"{option} {shown} is lifted"
    elif one is not None and (other < one if option == "minimum" else other > one):
        yield COMPATIBLE, f"{option} {shown} becomes {told}, which is wider"
    else:
        yield NEEDS_SCAN, f"{option} {'is' if one is None else f'{shown} becomes'} {told}: {KEPT}"


def _default(kind: FieldType) -> Any:
    return None if kind.default is UNSET else kind.default


def _choices(kind: FieldType) -> frozenset[Any] | None:
    return None if kind.choices is None else frozenset(map(kind.element.read_json, kind.choices))
