"""The one tree: what every request becomes, whatever dialect and encoding it came in. Nodes are small and immutable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cubequery.operators import Calculation, SearchOperator, UpdateOperator
from cubequery.record import Record
from cubequery.values import FieldType


class Field(Record):
    """A field as the tree knows it: the class's own object, never a spelling.

    ``name`` is public (``address[city]`` for a sub-field), ``path`` where MongoDB keeps the value, ``parent`` the Object it lies
    in. ``leaves`` are an Object's own sub-fields. ``system`` fields are written by the engine, not by requests.
    """

    name: str
    path: str
    type: FieldType
    parent: Field | None = None
    leaves: tuple[Field, ...] = ()
    system: bool = False

    def __eq__(self, other: object) -> bool:
        return self is other or (type(other) is Field and (self.name, self.path, self.system) == (other.name, other.path, other.system))

    def __hash__(self) -> int:
        return hash((self.name, self.path, self.system))

    def __repr__(self) -> str:
        return f"Field(name={self.name!r}, path={self.path!r}, type={self.type!r}, system={self.system!r})"

    @property
    def compared(self) -> str:
        """Stored path of what conditions compare: a file is compared by its ``file_id``."""
        return f"{self.path}.file_id" if self.type.kind == "File" else self.path


class Everything(Record):
    """The condition that always holds."""


class Nothing(Record):
    """The condition that never holds."""


class Compare(Record):
    """One comparison of a field with a cast operand."""

    field: Field
    operator: SearchOperator
    operand: Any


class All(Record):
    """Every member holds."""

    members: tuple[Condition, ...]


class AnyOf(Record):
    """Some member holds."""

    members: tuple[Condition, ...]


class Not(Record):
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


class SortKey(Record):
    """One key of the order; ``field`` is a calculation's key (a text) where groups are sorted by it."""

    field: Field | str
    descending: bool = False


class Page(Record):
    """``skip`` records, then at most ``limit``; ``last`` ones are counted from the end of the order."""

    skip: int = 0
    limit: int = 100
    last: bool = False


class Projection(Record):
    """Fields of an answer: those included (None: all), less those excluded."""

    include: tuple[Field, ...] | None = None
    exclude: tuple[Field, ...] = ()


class Calc(Record):
    """One calculation of an aggregation and the key of its result."""

    operator: Calculation
    field: Field
    key: str


class Aggregate(Record):
    """Groups by one field, with at least one calculation each."""

    group_by: Field
    calcs: tuple[Calc, ...]


class After(Record):
    """The record behind which a page begins: its stored values by the keys of the order, ``_id`` among them; none: the first page."""

    values: tuple[Any, ...] = ()


class Query(Record):
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


class Assign(Record):
    """One change of one field: an operator with its cast operand."""

    field: Field
    operator: UpdateOperator
    operand: Any


class Update(Record):
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


class Create(Record):
    """A create request: the given values by field; defaults are filled in when the record is made."""

    values: tuple[tuple[Field, Any], ...] = ()
    permissions: tuple[tuple[str, Level], ...] = ()
    parent: Any = None
    system: tuple[tuple[Field, Any], ...] = ()


class Many(Record):
    """Records of a multi request, in numeric order of their numbers."""

    records: tuple[tuple[int, Create | Update], ...]


class Level(Record):
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
