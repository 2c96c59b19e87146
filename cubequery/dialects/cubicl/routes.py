"""Which endpoint and operation a method and a path are; every path that no endpoint names leads nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cubequery import errors
from cubequery.dialects.cubicl.declaration import CREATE, DELETE, GET, LIST, UPDATE, Endpoint
from cubequery.dialects.cubicl.refusals import CubiclError, refuse
from cubequery.errors import Fault

PREFIX = ("api", "v1")
COLLECTION: Mapping[str, str] = {"GET": LIST, "POST": CREATE}
RECORD: Mapping[str, str] = {"GET": GET, "PUT": UPDATE, "DELETE": DELETE}
_TEAPOT = Fault("not_here", "base", "This is no coffee machine")
_METHOD = Fault("not_here", "base", "Method is not used by this path")


class WrongMethod(CubiclError):
    """405: the path is known and takes the methods in ``allow`` only."""

    def __init__(self, allow: Iterable[str]) -> None:
        super().__init__([_METHOD], 405)
        self.allow = tuple(allow)


@dataclass(frozen=True, slots=True)
class Route:
    """What is asked for: the endpoint by its path, the operation, the parameters in the path, and the id of a record as given there."""

    path: str
    operation: str
    in_path: Mapping[str, str] = field(default_factory=dict)
    id: str = ""


def find_route(method: str, segments: Sequence[str], endpoints: Iterable[Endpoint]) -> Route:
    """The route of a method and the decoded segments of a path. Raises CubiclError 418, 404, or 405 (WrongMethod), in that order.

    Where a path could be several, that of an endpoint goes before one that ends in an id, and words before parameters.
    """
    if method == "BREW":
        raise refuse(_TEAPOT, 418)
    words = segments[len(PREFIX) :] if tuple(segments[: len(PREFIX)]) == PREFIX else ()
    found = [each for endpoint in endpoints if words and all(words) for each in _routes(endpoint, words)]
    if not found:
        raise refuse(errors.plain("not_found"), 404)
    routes = min(found, key=lambda each: _vagueness(next(iter(each.values()))))
    if method not in routes:
        raise WrongMethod(sorted(routes))
    return routes[method]


def _vagueness(route: Route) -> tuple[bool, int]:
    return bool(route.id), len(route.in_path)


def _routes(endpoint: Endpoint, words: Sequence[str]) -> list[dict[str, Route]]:
    """What the methods of an endpoint mean on a path: one table, or none where it is not the endpoint's."""
    declared = endpoint.path.split("/")
    table = {len(declared): COLLECTION, len(declared) + 1: RECORD}.get(len(words), {})
    in_path, record = _matched(declared, words), "" if table is COLLECTION else words[-1]
    if in_path is None:
        return []
    offered = {method: operation for method, operation in table.items() if operation in endpoint.operations}
    return [{method: Route(endpoint.path, operation, in_path, record) for method, operation in offered.items()}] if offered else []


def _matched(declared: Sequence[str], words: Sequence[str]) -> dict[str, str] | None:
    """The parameters of a path that begins as declared, or None."""
    pairs = list(zip(declared, words, strict=False))
    if any(not word.startswith(":") and word != given for word, given in pairs):
        return None
    return {word[1:]: given for word, given in pairs if word.startswith(":")}
