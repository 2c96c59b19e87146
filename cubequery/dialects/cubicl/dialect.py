"""The Cubicl dialect over the classes of an engine: requests in, plans and bodies out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cubequery.acl import Actor, known
from cubequery.check import DEFAULTS, Settings
from cubequery.dialects.cubicl.binding import Bound
from cubequery.dialects.cubicl.declaration import Endpoint
from cubequery.dialects.cubicl.listing import Descendants, build_query
from cubequery.dialects.cubicl.names import SYSTEM_NAMES, Names, table_problems
from cubequery.dialects.cubicl.plan import CubiclPlan
from cubequery.dialects.cubicl.reading import read_path, read_query, with_defaults
from cubequery.dialects.cubicl.refusals import QUERY_FORM, Findings
from cubequery.errors import DefinitionError
from cubequery.schema import ClassSchema
from cubequery.translate import Where, host_condition

NO_PATH: Mapping[str, str] = {}


class Cubicl:
    """Endpoints over classes.

    ``names`` are other names of system fields than the services' own, ``unknown_parameters`` is ``"reject"`` or ``"ignore"``. Raises
    :class:`~cubequery.DefinitionError` with every problem of the declarations.
    """

    def __init__(
        self, classes: Iterable[ClassSchema], endpoints: Iterable[Endpoint], *, names: Mapping[str, str] | None = None,
        unknown_parameters: str = "reject", settings: Settings = DEFAULTS,
    ) -> None:  # fmt: skip
        schemas = {schema.name: schema for schema in classes}
        table = {**SYSTEM_NAMES, **(names or {})}
        problems = [*table_problems(table)]
        if unknown_parameters not in ("reject", "ignore"):
            problems.append('unknown_parameters must be "reject" or "ignore"')
        self.settings = settings
        self._ignore = unknown_parameters == "ignore"
        self._bound: dict[str, Bound] = {}
        for endpoint in endpoints:
            if endpoint.path in self._bound:
                problems.append(f"{endpoint.path}: declared more than once")
            elif endpoint.schema not in schemas:
                problems.append(f"{endpoint.path}: there is no class {endpoint.schema}")
            else:
                problems += self._bind(endpoint, schemas[endpoint.schema], table)
        if problems:
            raise DefinitionError(problems)

    def _bind(self, endpoint: Endpoint, schema: ClassSchema, table: Mapping[str, str]) -> Sequence[str]:
        try:
            names = Names(schema, self.settings.user_id_type, table, endpoint.without)
            self._bound[endpoint.path] = Bound(endpoint, schema, names, self.settings)
        except DefinitionError as error:
            return error.problems
        return ()

    def list(
        self, path: str, query: str | bytes, actor: Actor, *, in_path: Mapping[str, str] = NO_PATH, where: Where = None,
        descendants: Descendants | None = None,
    ) -> CubiclPlan:  # fmt: skip
        """A list as a plan for ``actor``, whose ``answer`` makes the bare array.

        ``path`` is the endpoint's as declared, ``in_path`` its parameters as received, ``query`` the query string. ``where`` is the host's
        own condition, ANDed into everything. Raises CubiclError (400, 404 or 422).
        """
        known(actor, self.settings.user_id_type)
        bound, text = self._bound[path], query.decode("utf-8", "surrogateescape") if isinstance(query, bytes) else query
        found = Findings(QUERY_FORM, {"query": text})
        values = read_query(text, bound, found, ignore=self._ignore)
        found.check_form()
        tree = build_query(with_defaults({**values, **read_path(in_path, bound)}, bound), bound, descendants, found)
        return CubiclPlan(tree, bound, actor, host_condition(where))
