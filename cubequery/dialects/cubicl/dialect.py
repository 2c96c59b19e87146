"""The Cubicl dialect over the classes of an engine: requests in, plans and bodies out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cubequery import errors
from cubequery.acl import Actor, known
from cubequery.check import DEFAULTS, Settings
from cubequery.dialects.cubicl.binding import Bound, tree_problems
from cubequery.dialects.cubicl.bodies import Written, read_body
from cubequery.dialects.cubicl.declaration import UPDATE, Endpoint
from cubequery.dialects.cubicl.listing import Descendants, build_query, record_query
from cubequery.dialects.cubicl.names import SYSTEM_NAMES, Names, table_problems
from cubequery.dialects.cubicl.operands import read_value
from cubequery.dialects.cubicl.plan import CubiclPlan
from cubequery.dialects.cubicl.reading import PROJECTIONS, read_path, read_query, with_defaults
from cubequery.dialects.cubicl.refusals import QUERY_FORM, CubiclError, Findings, code_problems, refuse
from cubequery.dialects.cubicl.routes import Route, find_route
from cubequery.dialects.declared import Classes, Endpoints
from cubequery.errors import DefinitionError, Refused, RequestError
from cubequery.schema import ClassSchema
from cubequery.translate import Where, host_condition
from cubequery.translate.change import Change
from cubequery.translate.updating import translate_update

NO_PATH: Mapping[str, str] = {}


class Cubicl(Endpoints[Endpoint]):
    """Endpoints over classes.

    ``names`` are other names of system fields than the services' own. ``codes`` are numbers that error bodies hold instead of the status,
    by the library's stable code. ``unknown_parameters`` is ``"reject"`` or ``"ignore"``. ``rate_limit`` is what a server counts a user's
    requests by: None not at all, ``"120/minute"`` for a host that trusts the document's table. Raises
    :class:`~cubequery.DefinitionError` with every problem of the declarations.
    """

    def __init__(
        self, classes: Iterable[ClassSchema], endpoints: Iterable[Endpoint], *, names: Mapping[str, str] | None = None,
        codes: Mapping[str, int] | None = None, unknown_parameters: str = "reject", settings: Settings = DEFAULTS,
        rate_limit: str | None = "60/minute",
    ) -> None:  # fmt: skip
        self._table = {**SYSTEM_NAMES, **(names or {})}
        problems = [*table_problems(self._table), *code_problems(codes or {})]
        if unknown_parameters not in ("reject", "ignore"):
            problems.append('unknown_parameters must be "reject" or "ignore"')
        self.settings, self._codes, self.rate_limit = settings, dict(codes or {}), rate_limit
        self._ignore = unknown_parameters == "ignore"
        self._hold({schema.name: schema for schema in classes}, endpoints, problems)

    def _hold(self, classes: Classes, endpoints: Iterable[Endpoint], problems: Iterable[str]) -> None:
        self._schemas = classes
        super()._hold(classes, endpoints, problems)

    def _bind(self, endpoint: Endpoint, classes: Classes) -> Bound:
        found = list(tree_problems(endpoint, classes))
        try:
            schema = classes[endpoint.schema]
            bound = Bound(endpoint, schema, Names(schema, self.settings.user_id_type, self._table, endpoint.without), self.settings)
        except DefinitionError as error:
            raise DefinitionError([*error.problems, *found]) from None
        if found:
            raise DefinitionError(found)
        return bound

    def list(
        self, path: str, query: str | bytes, actor: Actor, *, in_path: Mapping[str, str] = NO_PATH, where: Where = None,
        descendants: Descendants | None = None,
    ) -> CubiclPlan:  # fmt: skip
        """A list as a plan for ``actor``, whose ``answer`` makes the bare array.

        ``path`` is the endpoint's as declared, ``in_path`` its parameters as received, ``query`` the query string. ``where`` is the host's
        own condition, ANDed into everything. Raises CubiclError (400, 404 or 422).
        """
        known(actor, self.settings.user_id_type)
        bound, found = self._bound[path], Findings(QUERY_FORM, {"query": _text(query)})
        values = read_query(_text(query), bound, found, ignore=self._ignore)
        found.check_form()
        tree = build_query(with_defaults({**values, **read_path(in_path, bound)}, bound), bound, descendants, found)
        return CubiclPlan(tree, bound, actor, host_condition(where))

    def get(
        self, path: str, id: str, actor: Actor, query: str | bytes = "", *, in_path: Mapping[str, str] = NO_PATH, where: Where = None
    ) -> CubiclPlan:  # fmt: skip
        """One record by the text of its id as a plan, whose ``one`` makes the bare object.

        Of the endpoint's parameters it takes ``include`` and ``exclude``. Raises CubiclError 400 and 404; what is 422 is raised by ``one``,
        behind the 404 of a record that is hidden.
        """
        known(actor, self.settings.user_id_type)
        bound, found = self._bound[path], Findings(QUERY_FORM, {"query": _text(query)})
        values = read_query(_text(query), bound, found, ignore=self._ignore, kinds=PROJECTIONS)
        found.check_form()
        tree = record_query(values, read_path(in_path, bound), self._id(id, bound), bound, found)
        return CubiclPlan(tree, bound, actor, host_condition(where), found.refusal())

    def body(self, path: str, operation: str, given: bytes | str | Mapping[str, Any], actor: Actor, query: str | bytes = "") -> Written:
        """The body of a ``create`` or ``update``, as received or decoded, for the engine. Raises CubiclError 400; what is 422 is kept."""
        known(actor, self.settings.user_id_type)
        refusal = self.no_query(path, query)
        written = read_body(given, self._bound[path], operation, admin=actor.admin)
        return written if refusal is None else Written(written.body, written.tree, refusal)

    def no_query(self, path: str, query: str | bytes) -> CubiclError | None:
        """What a query string is refused with (422) where no parameter is taken. Raises CubiclError 400."""
        found = Findings(QUERY_FORM, {"query": _text(query)})
        read_query(_text(query), self._bound[path], found, ignore=self._ignore, kinds=())
        found.check_form()
        return found.refusal()

    def record_id(self, path: str, id: str) -> str:
        """A record's id in the path as the engine takes it. Raises CubiclError 404 for what can be none."""
        bound = self._bound[path]
        return str(bound.names.fields["_id"].type.render(self._id(id, bound)))

    def tree_of(self, path: str) -> ClassSchema | None:
        """The class whose records are the tree that the endpoint's parameters look into; None where none does."""
        named = [
            each.tree or self._bound[path].endpoint.schema for each in self.endpoint(path).parameters if each.kind == "tree" and each.pair
        ]
        return self._schemas[named[0]] if named else None

    def update(
        self, path: str, id: str, given: bytes | str | Mapping[str, Any], actor: Actor, *, where: Where = None,
        now: dt.datetime | None = None,
    ) -> Change:  # fmt: skip
        """An update as a :class:`~cubequery.Change` for ``actor``. Raises CubiclError 400, 404 and 422, RequestError 403 for nobody."""
        written = self.body(path, UPDATE, given, actor)
        bound = self._bound[path]
        record_id = self._id(id, bound)
        if actor.user_id is not None or actor.admin:
            written.check()
        return translate_update(written.body, bound.schema, actor=actor, id=record_id, where=where, settings=self.settings, now=now)

    def route(self, method: str, segments: Sequence[str]) -> Route:
        """What a method and the decoded segments of a path ask for. Raises CubiclError 418, 404 or 405 (with ``allow``)."""
        return find_route(method, segments, self.endpoints)

    def answer(self, error: RequestError) -> tuple[int, dict[str, int]]:
        """Status and body of the answer to a refusal, this dialect's or the engine's."""
        return error.status, {"code": self._codes.get(error.code, error.status)}

    def _id(self, text: str, bound: Bound) -> Any:
        """A record's id as it is stored; what can be none is the id of no record."""
        try:
            return read_value(text, bound.names.fields["_id"].type, self.settings.limits)
        except Refused:
            raise refuse(errors.plain("not_found"), 404) from None


def _text(query: str | bytes) -> str:
    return query.decode("utf-8", "surrogateescape") if isinstance(query, bytes) else query
