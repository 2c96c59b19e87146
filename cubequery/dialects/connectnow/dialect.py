"""The ConnectNow dialect over the classes of an engine: requests in, plans and bodies out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from itertools import chain
from typing import Any, Self

from cubequery import errors
from cubequery.acl import Actor, known
from cubequery.ast import Compare, Page, Query, SortKey, all_of
from cubequery.check import DEFAULTS, Settings
from cubequery.dialects.connectnow.binding import Bound
from cubequery.dialects.connectnow.bodies import TOKEN, Written, read_fields
from cubequery.dialects.connectnow.declaration import Endpoint
from cubequery.dialects.connectnow.plan import ConnectNowPlan
from cubequery.dialects.connectnow.reading import read_dates, read_filters, read_names, read_page, read_scopes, read_size, refuse_others
from cubequery.dialects.connectnow.refusals import BODY, LARGE, MESSAGES, ConnectNowError, Findings, dotted, invalid, text_of
from cubequery.dialects.connectnow.routes import Route, find_route
from cubequery.dialects.connectnow.zones import zone_setting
from cubequery.errors import DefinitionError, Refused, RequestError
from cubequery.operators import EQ
from cubequery.schema import ClassSchema, together
from cubequery.translate import Where, host_condition

Given = Mapping[str, Any]
_PAGING, _BESIDE = ("page", "per_page"), ("with", "withCount")


class ConnectNow:
    """Endpoints over classes.

    ``timezone`` is the zone of dates that name none. ``unknown_parameters`` is ``"reject"`` or ``"ignore"``. ``base_url`` is scheme
    and host of URLs in answers, behind a proxy. ``rate_limit`` is what a server counts a user's requests by (None: not at all).
    Raises :class:`~cubequery.DefinitionError` with every problem of the declarations.
    """

    def __init__(
        self, classes: Iterable[ClassSchema], endpoints: Iterable[Endpoint], *, timezone: str = "UTC", per_page_default: int = 15,
        per_page_max: int = 249, unknown_parameters: str = "reject", base_url: str | None = None, settings: Settings = DEFAULTS,
        rate_limit: str | None = "60/minute",
    ) -> None:  # fmt: skip
        problems = [] if unknown_parameters in ("reject", "ignore") else ['unknown_parameters must be "reject" or "ignore"']
        if not (type(per_page_default) is int and type(per_page_max) is int and 1 <= per_page_default <= per_page_max):
            problems.append("per_page_default must be 1 or more, per_page_max not less")
        zone_setting(timezone)
        self.settings, self.rate_limit, self.base_url = settings, rate_limit, base_url
        self._ignore, self._timezone, self._sizes = unknown_parameters == "ignore", timezone, (per_page_default, per_page_max)
        self._bind_all(classes, endpoints, problems)

    def over(self, classes: Iterable[ClassSchema]) -> Self:
        """The same declarations over other classes, such as an engine's as they are now. Raises DefinitionError where they do not fit."""
        made = copy(self)
        made._bind_all(classes, [bound.endpoint for bound in self._bound.values()], [])
        return made

    def _bind_all(self, classes: Iterable[ClassSchema], endpoints: Iterable[Endpoint], problems: Iterable[str]) -> None:
        found, schemas = [*problems], together(classes)
        self._bound: dict[str, Bound] = {}
        for endpoint in endpoints:
            if endpoint.path in self._bound:
                found.append(f"{endpoint.path}: declared more than once")
            elif endpoint.schema not in schemas:
                found.append(f"{endpoint.path}: there is no class {endpoint.schema}")
            else:
                found += self._bind(endpoint, schemas)
        if found:
            raise DefinitionError(found)

    def _bind(self, endpoint: Endpoint, schemas: Mapping[str, ClassSchema]) -> Sequence[str]:
        try:
            self._bound[endpoint.path] = Bound(endpoint, schemas, self.settings)
        except DefinitionError as error:
            return error.problems
        return ()

    def list(self, path: str, given: Given, actor: Actor, *, where: Where = None) -> ConnectNowPlan:
        """A list as a plan for ``actor``, whose ``answer`` makes the envelope.

        ``given`` are the parameters as :func:`received` gives them, those of a body over those of the query string. ``where`` is the host's
        own condition. Raises ConnectNowError 422 with every fault.
        """
        known(actor, self.settings.user_id_type)
        bound, found = self._bound[path], Findings()
        dates = read_dates(given, bound, self._timezone, found)
        scopes, latest = read_scopes(given, bound, found)
        paths, counts = self._beside(given, bound, found)
        paginated = bound.endpoint.paginated
        size = read_size(given, *self._sizes, found) if paginated else self.settings.limits.max_related
        filters = read_filters(given, bound, found)
        names = ("before", "after", "scopes", *_BESIDE, *(_PAGING if paginated else ()), *bound.rows)
        self._refuse_others(given, names, found)
        found.check()
        page = read_page(given) if paginated else 1
        order = (SortKey(bound.names["created_at"], descending=True),) if latest else ()
        query = Query(all_of(dates, scopes, filters), sort=order, page=Page((page - 1) * size, size))
        return ConnectNowPlan(query, bound, actor, host_condition(where), page=page, paths=paths, counts=counts)

    def get(self, path: str, id: str, actor: Actor, given: Given | None = None, *, where: Where = None) -> ConnectNowPlan:
        """One record by the text of its id as a plan, whose ``one`` makes the bare object. Raises RequestError 404.

        What is wrong with the parameters is raised by ``one``, behind the 404 of a record that is hidden.
        """
        known(actor, self.settings.user_id_type)
        bound, found = self._bound[path], Findings()
        paths, counts = self._beside(given or {}, bound, found)
        self._refuse_others(given or {}, _BESIDE, found)
        query = Query(Compare(bound.names["_id"], EQ, self._id(id, bound)), page=Page(limit=1))
        refusal = found.refusal()
        return ConnectNowPlan(query, bound, actor, host_condition(where), paths=paths, counts=counts, refusal=refusal)

    def body(self, path: str, operation: str, given: Given, actor: Actor) -> Written:
        """The fields of a ``create`` or ``update`` for the engine; what is wrong with them is kept in ``refusal``."""
        known(actor, self.settings.user_id_type)
        return read_fields(given, self._bound[path], operation, admin=actor.admin, ignore=self._ignore)

    def nothing(self, given: Given) -> ConnectNowError | None:
        """What a request is refused with that takes no parameter."""
        found = Findings()
        self._refuse_others(given, (), found)
        return found.refusal()

    def record_id(self, path: str, id: str) -> str:
        """A record's id in the path as the engine takes it. Raises RequestError 404 for what can be none."""
        bound = self._bound[path]
        return str(bound.names["_id"].type.render(self._id(id, bound)))

    def endpoint(self, path: str) -> Endpoint:
        """The endpoint of a path, as declared."""
        return self._bound[path].endpoint

    def route(self, method: str, segments: Sequence[str]) -> Route:
        """What a method and the decoded segments of a path ask for. Raises RequestError 404 or 405 (with ``allow``)."""
        return find_route(method, segments, [bound.endpoint for bound in self._bound.values()])

    def answer(self, error: RequestError) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer to a refusal, this dialect's or the engine's; this API has no 400."""
        if isinstance(error, ConnectNowError):
            return 422, invalid(error.errors)
        if error.status == 405:
            return 405, {"message": error.faults[0].text}
        if error.status == 400:
            return 422, invalid({"request": LARGE} if error.code == "too_large" else {"body": BODY})
        if error.status == 422:
            found = Findings()
            for fault in error.faults:
                found.add("body" if fault.key == "base" else dotted(fault.key), text_of(fault, None))
            return 422, invalid(found.errors)
        return error.status, {"message": MESSAGES.get(error.status, MESSAGES[500])}

    def _beside(self, given: Given, bound: Bound, found: Findings) -> tuple[Sequence[str], Sequence[str]]:
        endpoint = bound.endpoint
        paths = read_names(given, "with", endpoint.expansions.__contains__, found)
        return paths, read_names(given, "withCount", endpoint.counts.__contains__, found)

    def _refuse_others(self, given: Given, names: Iterable[str], found: Findings) -> None:
        if not self._ignore:
            refuse_others(given, chain(names, (TOKEN,)), found)

    def _id(self, text: str, bound: Bound) -> Any:
        """A record's id as it is stored. Raises RequestError 404."""
        kind = bound.names["_id"].type
        try:
            stored = kind.read_text(text, self.settings.limits)
        except Refused:
            raise RequestError([errors.plain("not_found")]) from None
        if str(kind.render(stored)) != text and not (kind.name == "ObjectId" and str(kind.render(stored)) == text.lower()):
            raise RequestError([errors.plain("not_found")])
        return stored
