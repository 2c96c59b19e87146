"""Declarations held against the class: every problem is told when an endpoint is declared, none when it is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping

from cubequery.ast import Field
from cubequery.check import Settings
from cubequery.dialects.cubicl.declaration import GET, LIST, OPERATIONS, Endpoint, Parameter
from cubequery.dialects.cubicl.kinds import KINDS, Row
from cubequery.dialects.cubicl.names import Names, find_in
from cubequery.errors import DefinitionError, Refused
from cubequery.schema import ClassSchema

_ONCE = ("include", "exclude", "all_fields", "cursor_after", "cursor_before", "skip", "limit")
_STEERED = ("equals", "tree")
"""Kinds of parameters that a path may hold."""


class Bound:
    """An endpoint with its class: ``rows`` by the names of parameters (of both, for a pair), ``shown`` the fields of an answer."""

    def __init__(self, endpoint: Endpoint, schema: ClassSchema, names: Names, settings: Settings) -> None:
        self.endpoint, self.schema, self.names, self.settings = endpoint, schema, names, settings
        problems = [*names.clashes, *_endpoint_problems(endpoint, schema)]
        self.rows: dict[str, Row] = {}
        for parameter in endpoint.parameters:
            self._bind(parameter, problems)
        kinds = Counter(parameter.kind for parameter in endpoint.parameters)
        problems += [f"{kind}: declared more than once" for kind in _ONCE if kinds[kind] > 1]
        problems += [f"one_of: {name} is no parameter" for group in endpoint.one_of for name in group if name not in self.rows]
        problems += [f"{endpoint.path}: {name} is no {' or '.join(_STEERED)}" for name in endpoint.in_path if not self._in_path(name)]
        self.shown = self._shown(problems)
        if problems:
            raise DefinitionError([f"{endpoint.path}: {problem}" for problem in problems])

    def _bind(self, parameter: Parameter, problems: list[str]) -> None:
        found = list(_parameter_problems(parameter, {each.name: each for each in self.endpoint.parameters}))
        fields = {name: find_in(self.schema.names(self.settings.user_id_type), name) for name in parameter.asked}
        if not found:
            found += _field_problems(parameter, fields, self.endpoint.without)
        names = [parameter.name, *([parameter.pair] if parameter.kind == "interval_pair" and parameter.pair else [])]
        found += [f"{name}: declared more than once" for name in names if name in self.rows]
        problems += found
        if not found:
            row = Row(parameter, tuple(field for field in fields.values() if field is not None), KINDS[parameter.kind])
            self.rows |= dict.fromkeys(names, row)
            problems += self._default_problems(row)

    def _default_problems(self, row: Row) -> Iterable[str]:
        if row.parameter.default is not None:
            try:
                row.kind.read(row.parameter.default, row, self.settings.limits)
            except Refused:
                yield f"{row.name}: default is not {row.kind.what}"

    def _in_path(self, name: str) -> bool:
        return name in self.rows and self.rows[name].parameter.kind in _STEERED

    def _shown(self, problems: list[str]) -> tuple[Field, ...]:
        if self.endpoint.shown is None:
            return tuple(self.names.fields.values())
        found = {name: self.names.find(name) for name in self.endpoint.shown}
        problems += [f"shown: {name} is no field" for name, field in found.items() if field is None]
        return tuple(field for field in found.values() if field is not None)


def _endpoint_problems(endpoint: Endpoint, schema: ClassSchema) -> Iterable[str]:
    words = endpoint.path.split("/")
    if not all(words) or any(set(word) & set("?#%[]&=") for word in words):
        yield "path: words between single slashes"
    yield from (f"operations: {each!r} is none of {', '.join(OPERATIONS)}" for each in endpoint.operations if each not in OPERATIONS)
    if endpoint.in_path and set(endpoint.operations) - {LIST, GET}:
        yield "operations: below a parameter of the path records are only read"
    if not endpoint.operations:
        yield "operations: an endpoint offers at least one"
    yield from (f"without: {name} is no field" for name in endpoint.without if name not in schema.fields)
    yield from ("one_of: a group needs a parameter" for group in endpoint.one_of if not group)


def tree_problems(endpoint: Endpoint, classes: Container[str]) -> Iterable[str]:
    """What is wrong with the classes that the endpoint's trees are of."""
    named = {each.tree or endpoint.schema for each in endpoint.parameters if each.kind == "tree" and each.pair}
    yield from (f"{endpoint.path}: there is no class {name}" for name in sorted(named) if name not in classes)
    if len(named) > 1:
        yield f"{endpoint.path}: its trees are of one class"


def _parameter_problems(parameter: Parameter, others: Mapping[str, Parameter]) -> Iterable[str]:
    name, kind = parameter.name, KINDS.get(parameter.kind)
    if not name or set(name) & set("[]&=%\0"):
        yield f"{name!r} is no name of a parameter"
    if kind is None:
        yield f"{name}: {parameter.kind!r} is none of {', '.join(KINDS)}"
        return
    count, (least, most) = len(parameter.asked), (1, 16 if kind.several else 1) if kind.takes else (0, 0)
    if not least <= count <= most:
        yield f"{name}: {parameter.kind} takes {'no field' if not most else 'fields' if kind.several else 'one field'}"
    if kind.pair == "bound" and not parameter.pair:
        yield f"{name}: an interval_pair names the parameter of its other end"
    if kind.pair == "flag" and parameter.pair and (parameter.pair not in others or others[parameter.pair].kind != "flag"):
        yield f"{name}: {parameter.pair} is no flag of the endpoint"
    if parameter.pair and not kind.pair:
        yield f"{name}: {parameter.kind} has no pair"
    if parameter.required and parameter.default is not None:
        yield f"{name}: required contradicts a default"
    if kind.pair == "bound" and parameter.default is not None:
        yield f"{name}: an interval_pair has no default"
    if parameter.tree is not None and parameter.kind != "tree":
        yield f"{name}: {parameter.kind} looks into no tree"
    if type(parameter.most) is not int or parameter.most < 1:
        yield f"{name}: most must be a positive integer"


def _field_problems(parameter: Parameter, fields: Mapping[str, Field | None], without: tuple[str, ...]) -> Iterable[str]:
    takes = KINDS[parameter.kind].takes
    for name, field in fields.items():
        if field is None or name.partition("[")[0] in without:
            yield f"{parameter.name}: {name} is no field"
        elif field.type.kind not in takes:
            yield f"{parameter.name}: {parameter.kind} cannot be used on {field.type.name}"
