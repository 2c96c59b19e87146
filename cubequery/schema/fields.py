"""From field types to the class's own field objects: names, stored paths, nesting, every rule of the definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cubequery.ast import Field
from cubequery.limits import DEFAULT
from cubequery.names import CONTROL, HIDDEN, SYSTEM
from cubequery.values import FieldType, Object

_FORBIDDEN = ".[],\0\n\r"
LONGEST_PATH = 5


def name_problem(name: object, *, sub: bool = False) -> str | None:
    """Why a public name is refused, or None; the list of words binds top-level names only."""
    if not isinstance(name, str) or not name:
        return "a field needs a name"
    if name[0] in "_$" or any(char in name for char in _FORBIDDEN):
        return "a name must not start with _ or $ nor hold . [ ] , NUL or a line break"
    try:
        name.encode()
    except UnicodeEncodeError:
        return "a name must be valid Unicode"
    return "the name is a word of the request language" if not sub and name in CONTROL | set(SYSTEM) else None


def path_problem(path: str) -> str | None:
    """Why a stored path is refused, or None."""
    parts = path.split(".")
    if len(parts) > LONGEST_PATH:
        return f"a stored path has at most {LONGEST_PATH} parts"
    if any(not part or part[0] == "$" or "\0" in part for part in parts):
        return "a part of a stored path is empty, starts with $ or holds NUL"
    if any(part.isascii() and part.isdigit() for part in parts[1:]):
        return "a part of a stored path after the first must not be a number"
    return "a stored path must not begin with a system field or a hidden name" if parts[0] in HIDDEN | set(SYSTEM) else None


def build_fields(types: Mapping[str, FieldType], problems: list[str]) -> dict[str, Field]:
    """Field objects by public name, in the order given; every problem found is added to ``problems``."""
    built = {}
    for name, kind in types.items():
        refused = name_problem(name)
        if refused:
            problems.append(f"{name}: {refused}")
        else:
            built[name] = _build(name, name, kind, None, 0, problems)
    _check_overlap(built.values(), problems)
    return built


def _build(name: str, own: str, kind: FieldType, parent: Field | None, depth: int, problems: list[str]) -> Field:
    problems += [f"{name}: {problem}" for problem in kind.problems()]
    relative = kind.stored if isinstance(kind.stored, str) else own
    path = f"{parent.path}.{relative}" if parent else relative
    refused = path_problem(path)
    if refused:
        problems.append(f"{name}: {refused}")
    field = Field(name, path, kind, parent)
    if isinstance(kind, Object):
        if depth == DEFAULT.max_object_depth:
            problems.append(f"{name}: at most {DEFAULT.max_object_depth} Objects one in another")
        else:
            object.__setattr__(field, "leaves", tuple(_build_leaves(field, kind, depth + 1, problems)))
    return field


def _build_leaves(field: Field, kind: Object, depth: int, problems: list[str]) -> Iterable[Field]:
    for name, sub in kind.fields.items():
        refused = name_problem(name, sub=True)
        if refused:
            problems.append(f"{field.name}[{name}]: {refused}")
        else:
            yield _build(f"{field.name}[{name}]", name, sub, field, depth, problems)


def all_leaves(field: Field) -> Iterable[Field]:
    """The field itself, or every sub-field of an Object that holds a value of its own."""
    if field.type.kind != "Object":
        yield field
    for leaf in field.leaves:
        yield from all_leaves(leaf)


def meet(one: str, other: str) -> bool:
    """Whether two stored paths are equal, or one begins the other."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _check_overlap(fields: Iterable[Field], problems: list[str]) -> None:
    """Of two fields neither stored path may equal or begin the other, or one write would change both."""
    leaves = list(every_field(fields))
    paths: dict[str, Field] = {}
    for leaf in leaves:
        parts = leaf.path.split(".")
        for end in range(1, len(parts) + 1):
            other = paths.get(".".join(parts[:end]))
            if other is not None and not _inside(leaf, other):
                problems.append(f"{leaf.name}: its stored path meets that of {other.name}")
        inside = [other for other in paths.values() if other.path.startswith(f"{leaf.path}.") and not _inside(other, leaf)]
        problems += [f"{leaf.name}: its stored path meets that of {other.name}" for other in inside]
        paths.setdefault(leaf.path, leaf)


def every_field(fields: Iterable[Field]) -> Iterable[Field]:
    """The fields and every sub-field, Objects before what is in them."""
    for field in fields:
        yield field
        yield from every_field(field.leaves)


def _inside(field: Field, other: Field) -> bool:
    """Whether ``field`` is declared somewhere inside the Object ``other``."""
    while field.parent is not None:
        if field.parent is other or field.parent.name == other.name:
            return True
        field = field.parent
    return False
