"""Which endpoint and operation a method and a path are; every path that no endpoint names leads nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cubequery import errors
from cubequery.dialects.connectnow.declaration import CREATE, DELETE, GET, LIST, UPDATE, Endpoint
from cubequery.dialects.connectnow.refusals import WrongMethod
from cubequery.errors import RequestError

PREFIX = "api"
COLLECTION: Mapping[str, str] = {"GET": LIST, "HEAD": LIST, "POST": CREATE}
RECORD: Mapping[str, str] = {"GET": GET, "HEAD": GET, "PUT": UPDATE, "DELETE": DELETE}


@dataclass(frozen=True, slots=True)
class Route:
    """What is asked for: the endpoint by its path, the operation, and the id of a record as given there."""

    path: str
    operation: str
    id: str = ""


def find_route(method: str, segments: Sequence[str], endpoints: Iterable[Endpoint]) -> Route:
    """The route of a method and the decoded segments of a path. Raises RequestError 404, or 405 (WrongMethod).

    Where a path could be several, that of an endpoint goes before one that ends in an id.
    """
    words = list(segments[1:]) if segments and segments[0] == PREFIX else []
    known = {tuple(endpoint.path.split("/")): endpoint for endpoint in endpoints}
    for path, table, record in ((tuple(words), COLLECTION, ""), (tuple(words[:-1]), RECORD, words[-1] if words else "")):
        endpoint = known.get(path)
        offered = {} if endpoint is None else {each: operation for each, operation in table.items() if operation in endpoint.operations}
        if endpoint is None or not offered or (table is RECORD and not record):
            continue
        if method not in offered:
            raise WrongMethod(method, offered)  # in the order of the table, which is the framework's
        return Route(endpoint.path, offered[method], record)
    raise RequestError([errors.plain("not_found")])
