"""What a dialect gives the server: routes, places of the token, answers, refusals; nothing of sockets, rates or logs is its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.types import Scope

from cubequery.acl import Actor
from cubequery.engine import AsyncEngine, Engine
from cubequery.errors import RequestError
from cubequery.server.rates import Window

Dialect = Any
"""A dialect by its name, or as the host has made it."""


class Route(Protocol):
    """What a method and a path ask for: an operation at an endpoint that was declared."""

    @property
    def path(self) -> str:
        """The endpoint's, as declared."""

    @property
    def operation(self) -> str:
        """One of the dialect's operations."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that was let in: the route, the head, the query string and the body as received, and who asks.

    ``fault`` is why the body was not taken in; it is raised where the dialect has its place for it."""

    route: Any
    scope: Scope
    query: bytes
    content: bytes
    kind: str
    actor: Actor
    fault: RequestError | None = None


class Served(Protocol):
    """A dialect over one engine. ``rate_limit`` is such as ``60/minute``, in windows that open with the first request; None: no limit.

    ``reads_body_first``: the token may stand in the body, which is therefore read before anybody is known.
    """

    rate_limit: str | None
    reads_body_first: bool

    def route(self, method: str, segments: Sequence[str]) -> Route:
        """The route of a method and the decoded segments of a path. Raises RequestError, for a wrong method one with ``allow``."""

    def class_name(self, route: Any) -> str:
        """The class that the endpoint is about, for the log."""

    def token(self, scope: Scope, content: bytes, kind: str) -> str | None:
        """The token of a request, from the places that the dialect has for it; None where none is given, ``""`` for what is nobody's."""

    def stranger(self, route: Any) -> Actor | None:
        """Who asks where no token was given; None where that is refused."""

    def rates(self, route: Any) -> Sequence[str]:
        """Rates that the endpoint has beside ``rate_limit``."""

    async def carry_out(self, asked: Asked) -> tuple[int, Any]:
        """Status and body of the answer. Raises RequestError."""

    def refusal(self, error: RequestError) -> tuple[int, Any, Mapping[str, str]]:
        """Status, body and headers of the answer to a refusal."""

    def rate_headers(self, window: Window, *, over: bool) -> Mapping[str, str]:
        """What an answer tells of the rate; ``over``: in the answer to a request that is refused for it."""


def served(dialect: Dialect, engine: Engine | AsyncEngine) -> Served:
    """A dialect over an engine: ``"connectnow"`` or ``"cubicl"`` with an endpoint for each class, or one as the host has made it,
    whose declarations are held against the engine's own classes: theirs are the rights.

    Raises DefinitionError.
    """
    from cubequery.dialects.connectnow import ConnectNow, endpoints_of
    from cubequery.dialects.cubicl import Cubicl, endpoints_for
    from cubequery.errors import DefinitionError
    from cubequery.server.dialects.connectnow import ConnectNowServed
    from cubequery.server.dialects.cubicl import CubiclServed

    if dialect == "cubicl":
        dialect = Cubicl(engine.classes.values(), endpoints_for(engine.classes.values()), settings=engine.settings)
    if dialect == "connectnow":
        dialect = ConnectNow(engine.classes.values(), endpoints_of(engine.classes.values()), settings=engine.settings)
    if isinstance(dialect, Cubicl):
        return CubiclServed(dialect.over(engine.classes.values()), engine)
    if isinstance(dialect, ConnectNow):
        return ConnectNowServed(dialect.over(engine.classes.values()), engine)
    raise DefinitionError(['dialect is "connectnow", "cubicl", or a dialect as cubequery.dialects makes it'])
