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
    """The route of a method and the decoded segments of a path. Raises CubiclError 418, 404, or 405 (WrongMethod), in that order."""
    if method == "BREW":
        raise refuse(_TEAPOT, 418)
    words = segments[len(PREFIX) :] if tuple(segments[: len(PREFIX)]) == PREFIX else ()
    found: dict[str, Route] = {}
    for endpoint in endpoints if words and all(words) else ():
        declared = endpoint.path.split("/")
        table = {len(declared): COLLECTION, len(declared) + 1: RECORD}.get(len(words), {})
        in_path = _matched(declared, words)
        if in_path is not None:
            record = words[len(declared)] if table is RECORD else ""
            for name, operation in table.items():
                if operation in endpoint.operations:
                    found.setdefault(name, Route(endpoint.path, operation, in_path, record))
    if not found:
        raise refuse(errors.plain("not_found"), 404)
    if method not in found:
        raise WrongMethod(sorted(found))
    return found[method]


def _matched(declared: Sequence[str], words: Sequence[str]) -> dict[str, str] | None:
    """The parameters of a path that begins as declared, or None."""
    pairs = list(zip(declared, words, strict=False))
    if any(not word.startswith(":") and word != given for word, given in pairs):
        return None
    return {word[1:]: given for word, given in pairs if word.startswith(":")}
