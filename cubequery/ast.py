"""The one tree: what every request becomes, whatever dialect and encoding it came in. Nodes are small and immutable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cubequery.operators import Calculation, SearchOperator, UpdateOperator
from cubequery.values import FieldType


@dataclass(frozen=True, slots=True)
class Field:
    """A field as the tree knows it: the class's own object, never a spelling.

    ``name`` is public (``address[city]`` for a sub-field), ``path`` where MongoDB keeps the value, ``parent`` the Object it lies
    in. ``leaves`` are an Object's own sub-fields. ``system`` fields are written by the engine, not by requests.
    """

    name: str
    path: str
    type: FieldType = field(compare=False)
    parent: Field | None = field(default=None, compare=False, repr=False)
    leaves: tuple[Field, ...] = field(default=(), compare=False, repr=False)
    system: bool = False

    @property
    def compared(self) -> str:
        """Stored path of what conditions compare: a file is compared by its ``file_id``."""
        return f"{self.path}.file_id" if self.type.kind == "File" else self.path


@dataclass(frozen=True, slots=True)
class Everything:
    """The condition that always holds."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """The condition that never holds."""


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison of a field with a cast operand."""

    field: Field
    operator: SearchOperator
    operand: Any


@dataclass(frozen=True, slots=True)
class All:
    """Every member holds."""

    members: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Some member holds."""

    members: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The member does not hold."""

    member: Condition


Condition = Everything | Nothing | Compare | All | AnyOf | Not
EVERYTHING, NOTHING = Everything(), Nothing()


def all_of(*conditions: Condition) -> Condition:
    """The conjunction, flat: everything falls away, nothing wins, one alone stands for itself."""
    members: list[Condition] = []
    for each in conditions:
        if isinstance(each, Nothing):
            return NOTHING
        members += each.members if isinstance(each, All) else () if isinstance(each, Everything) else (each,)
    return All(tuple(members)) if len(members) > 1 else members[0] if members else EVERYTHING


def any_of(*conditions: Condition) -> Condition:
    """The disjunction: nothing falls away, everything wins; an empty one is nothing."""
    members = tuple(member for member in conditions if not isinstance(member, Nothing))
    if any(isinstance(member, Everything) for member in members):
        return EVERYTHING
    return AnyOf(members) if len(members) > 1 else members[0] if members else NOTHING


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of the order; ``field`` is a calculation's key (a text) where groups are sorted by it."""

    field: Field | str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """``skip`` records, then at most ``limit``; ``last`` ones are counted from the end of the order."""

    skip: int = 0
    limit: int = 100
    last: bool = False


@dataclass(frozen=True, slots=True)
class Projection:
    """Fields of an answer: those included (None: all), less those excluded."""

    include: tuple[Field, ...] | None = None
    exclude: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Calc:
    """One calculation of an aggregation and the key of its result."""

    operator: Calculation
    field: Field
    key: str


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Groups by one field, with at least one calculation each."""

    group_by: Field
    calcs: tuple[Calc, ...]


@dataclass(frozen=True, slots=True)
class After:
    """The record behind which a page begins: its stored values by the keys of the order, ``_id`` among them; none: the first page."""

    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A search request: condition as the actor wrote it, then order, page and form of the answer. No rights are in it yet."""

    condition: Condition = EVERYTHING
    sort: tuple[SortKey, ...] = ()
    page: Page = Page()
    count: bool = False
    projection: Projection = Projection()
    aggregate: Aggregate | None = None
    permissions: bool = False
    after: After | None = None
    file: Field | None = None


@dataclass(frozen=True, slots=True)
class Assign:
    """One change of one field: an operator with its cast operand."""

    field: Field
    operator: UpdateOperator
    operand: Any


@dataclass(frozen=True, slots=True)
class Update:
    """An update request. ``permissions`` holds the checked levels by action, ``criteria`` the condition of by-criteria.

    ``parent`` is the change of ``_parent_id`` and ``system`` the changes of system fields that only an admin's request carries
    out (they are ignored for others); both stand apart because rights of their own guard them.
    """

    changes: tuple[Assign, ...] = ()
    permissions: tuple[tuple[str, Level], ...] = ()
    criteria: Condition | None = None
    parent: Assign | None = None
    system: tuple[Assign, ...] = ()
    record_id: Any = None


@dataclass(frozen=True, slots=True)
class Create:
    """A create request: the given values by field; defaults are filled in when the record is made."""

    values: tuple[tuple[Field, Any], ...] = ()
    permissions: tuple[tuple[str, Level], ...] = ()
    parent: Any = None
    system: tuple[tuple[Field, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Many:
    """Records of a multi request, in numeric order of their numbers."""

    records: tuple[tuple[int, Create | Update], ...]


@dataclass(frozen=True, slots=True)
class Level:
    """An accepted access level: ``access`` and its list, spelled canonically, repeats removed."""

    access: str
    users: tuple[Any, ...] = ()
    groups: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Form of an answer and of ``_acl``."""
        if self.access == "open_for_users_ids":
            return {"access": self.access, "users_ids": [str(user) for user in self.users]}
        if self.access == "open_for_groups":
            return {"access": self.access, "users_groups": list(self.groups)}
        return {"access": self.access}


Request = Query | Update | Create | Many
Names = Mapping[str, Field]
