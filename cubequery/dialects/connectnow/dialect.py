"""The ConnectNow dialect over the classes of an engine: requests in, plans and bodies out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from cubequery import errors
from cubequery.acl import Actor, known
from cubequery.ast import Compare, Page, Query, SortKey, all_of
from cubequery.check import DEFAULTS, Settings
from cubequery.dialects.connectnow.binding import Bound, scopes_of
from cubequery.dialects.connectnow.bodies import Written, read_fields
from cubequery.dialects.connectnow.declaration import TOKEN, Endpoint
from cubequery.dialects.connectnow.plan import ConnectNowPlan
from cubequery.dialects.connectnow.reading import read_dates, read_filters, read_names, read_page, read_scopes, read_size, refuse_others
from cubequery.dialects.connectnow.refusals import ITEMS, ConnectNowError, Findings, answer_to
from cubequery.dialects.connectnow.routes import Route, find_route
from cubequery.dialects.connectnow.zones import zone_setting
from cubequery.dialects.declared import Classes, Endpoints
from cubequery.errors import Refused, RequestError
from cubequery.operators import EQ
from cubequery.schema import ClassSchema, together
from cubequery.translate import Where, host_condition

Given = Mapping[str, Any]
_BASE = re.compile(r"https?://[^\s/?#]+/?", re.ASCII)
_PAGING, _BESIDE = ("page", "per_page"), ("with", "withCount")


class ConnectNow(Endpoints[Endpoint]):
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
        if base_url is not None and _BASE.fullmatch(base_url) is None:
            problems.append("base_url must be scheme and host, such as https://api.example.org")
        zone_setting(timezone)
        self.settings, self.rate_limit, self.base_url = settings, rate_limit, base_url
        self._ignore, self._timezone, self._sizes = unknown_parameters == "ignore", timezone, (per_page_default, per_page_max)
        self._hold({schema.name: schema for schema in classes}, endpoints, problems)

    def _hold(self, classes: Classes, endpoints: Iterable[Endpoint], problems: Iterable[str]) -> None:
        found, schemas = [*problems], together(classes.values())
        self._scopes = scopes_of(schemas.values(), self.settings, found)
        super()._hold(schemas, endpoints, found)

    def _bind(self, endpoint: Endpoint, classes: Classes) -> Bound:
        return Bound(endpoint, classes, self._scopes[endpoint.schema], self.settings)

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

    def route(self, method: str, segments: Sequence[str]) -> Route:
        """What a method and the decoded segments of a path ask for. Raises RequestError 404 or 405 (with ``allow``)."""
        return find_route(method, segments, self.endpoints)

    def answer(self, error: RequestError) -> tuple[int, dict[str, Any]]:
        """Status and body of the answer to a refusal, this dialect's or the engine's; this API has no 400."""
        return answer_to(error)

    def _beside(self, given: Given, bound: Bound, found: Findings) -> tuple[Sequence[str], Sequence[str]]:
        endpoint = bound.endpoint
        paths = read_names(given, "with", endpoint.expansions.__contains__, found)
        counts = read_names(given, "withCount", endpoint.counts.__contains__, found)
        levels = {path[:end] for path in paths for end in (*(dot.start() for dot in re.finditer(r"\.", path)), len(path))}
        if len(levels) + len(counts) > (most := self.settings.limits.max_relations):  # each of them is a query
            found.add("with" if levels else "withCount", ITEMS, "too_big", n=most)
        return paths, counts

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
