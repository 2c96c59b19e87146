"""Declarations held against the classes: every problem is told when an endpoint is declared, none when it is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from cubequery.ast import Condition, Field
from cubequery.check import Settings
from cubequery.dialects.connectnow.declaration import OPERATIONS, PARAMETERS, TOKEN, Endpoint, Filter
from cubequery.dialects.cubicl.declaration import Parameter
from cubequery.dialects.cubicl.kinds import KINDS, Row
from cubequery.dialects.cubicl.names import find_in
from cubequery.dialects.cubicl.operands import TIMES
from cubequery.errors import DefinitionError, Refused, RequestError
from cubequery.schema import ClassSchema
from cubequery.translate import parse

FILTERS = ("equals", "any_of", "array_contains", "tri_state", "word_prefix", "text")
_WORD = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
LATEST = "latest"
Classes = Mapping[str, ClassSchema]


def scopes_of(schemas: Iterable[ClassSchema], settings: Settings, problems: list[str]) -> dict[str, dict[str, Condition]]:
    """By class the conditions of its scopes by name, also of those that no endpoint offers.

    Each that is not criteria of its class and nothing else is added to ``problems``.
    """
    found: dict[str, dict[str, Condition]] = {}
    for schema in schemas:
        own = found[schema.name] = {}
        for name, criteria in schema.scopes.items():
            try:
                query = parse(criteria, schema, settings=settings)
            except RequestError as error:
                problems.append(f"class {schema.name}: scopes: {name}: {error}")
                continue
            if (query.sort, query.count, query.aggregate, query.after) != ((), False, None, None):
                problems.append(f"class {schema.name}: scopes: {name}: a scope is criteria only")
            own[name] = query.condition
    return found


class Bound:
    """An endpoint with its class: ``names`` the fields, ``scopes`` conditions by name, ``rows`` the filters."""

    def __init__(self, endpoint: Endpoint, classes: Classes, scopes: Mapping[str, Condition], settings: Settings) -> None:
        self.endpoint, self.schema, self.settings, self.classes = endpoint, classes[endpoint.schema], settings, classes
        self.names: Mapping[str, Field] = self.schema.names(settings.user_id_type)
        self.scopes = {name: scopes[name] for name in endpoint.scopes if name in scopes}
        self.rows: dict[str, Row] = {}
        problems = [*_problems(endpoint), *self._scope_problems()]
        if TOKEN in self.schema.fields:
            problems.append(f"class {self.schema.name} has a field {TOKEN}, which is the name of the token")
        for filter in endpoint.filters:
            problems += self._bind_filter(filter)
        problems += [problem for path in endpoint.expansions for problem in self._path_problems(path)]
        problems += [f"counts: {self.schema.name} has no relation {name}" for name in endpoint.counts if name not in self.schema.relations]
        if problems:
            raise DefinitionError([f"{endpoint.path}: {problem}" for problem in problems])

    def _scope_problems(self) -> Iterable[str]:
        for name in self.endpoint.scopes:
            if name == LATEST:
                yield "scopes: latest needs no listing"
            elif name not in self.schema.scopes:
                yield f"scopes: class {self.schema.name} has no scope {name}"

    def _bind_filter(self, filter: Filter) -> Iterable[str]:
        parameter = Parameter(filter.name, filter.kind, filter.fields)
        taken = {**dict.fromkeys(PARAMETERS), **self.rows}
        if filter.kind not in FILTERS:
            yield f"{filter.name}: {filter.kind!r} is none of {', '.join(FILTERS)}"
            return
        if _NAME.fullmatch(filter.name) is None or filter.name in taken:
            yield f"{filter.name}: is no name of a filter, or is taken"
        found = {name: find_in(self.names, name) for name in parameter.asked}
        kind = KINDS[filter.kind]
        yield from (f"{filter.name}: {name} is no field" for name, field in found.items() if field is None)
        wrong = [name for name, field in found.items() if field is not None and field.type.kind not in kind.takes - TIMES]
        yield from (f"{filter.name}: {filter.kind} cannot be used on {name}" for name in wrong)
        if not found or (len(found) > 1 and not kind.several):
            yield f"{filter.name}: {filter.kind} takes {'fields' if kind.several else 'one field'}"
        row = self.rows[filter.name] = Row(parameter, tuple(field for field in found.values() if field is not None), kind)
        if row.fields and filter.kind != "tri_state":
            yield from (f"{filter.name}: no request can give {choice!r}" for choice in filter.choices if not self._reads(row, choice))

    def _reads(self, row: Row, choice: str) -> bool:
        kind = KINDS["equals"] if row.parameter.kind == "any_of" else row.kind
        try:
            kind.read(choice, row, self.settings.limits)
        except Refused:
            return False
        return True

    def _path_problems(self, path: str) -> Iterable[str]:
        schema = self.schema
        for word in path.split("."):
            relation = schema.relations.get(word)
            if relation is None:
                yield f"expansions: {path}: class {schema.name} has no relation {word}"
                return
            schema = self.classes[relation.target]


def _problems(endpoint: Endpoint) -> Iterable[str]:
    if not all(_WORD.fullmatch(word) for word in endpoint.path.split("/")):
        yield "path: words of letters, digits, - and _ between single slashes"
    yield from (f"operations: {each!r} is none of {', '.join(OPERATIONS)}" for each in endpoint.operations if each not in OPERATIONS)
    if not endpoint.operations:
        yield "operations: an endpoint offers at least one"
