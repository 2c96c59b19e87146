"""In the routes of a FastAPI application: dependencies that give a checked Plan or Change, and the answer to what is refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from inspect import Parameter, Signature
from typing import Any

from fastapi import FastAPI, Path, Query
from fastapi.params import Depends
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive

from cubequery.acl import Actor
from cubequery.check import DEFAULTS, Settings
from cubequery.errors import RequestError
from cubequery.schema import ClassSchema
from cubequery.server.answers import malformed, plain_refusal, refusal
from cubequery.server.body import Body, ClientLeft
from cubequery.server.described import query_parameters, update_body
from cubequery.server.reading import pair_name, read_sources
from cubequery.translate import Plan, translate
from cubequery.translate.change import Change
from cubequery.translate.updating import translate_update
from cubequery.values import UNSET

REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "The request is refused.",
        "content": {"application/json": {"schema": {
            "type": "object", "required": ["errors", "code"],
            "properties": {
                "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
                "code": {"type": "string"},
            },
        }}},
    }
}  # fmt: skip
"""For ``responses=`` of a route, a router or the application: the body of a refusal in the host's own OpenAPI."""


def install(app: FastAPI) -> None:
    """Answer every RequestError that a route or dependency raises with its own status and body."""
    app.add_exception_handler(RequestError, _refused)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    return refusal(error)


class _Dependency:
    """What both have in common: the class, who asks, the host's condition, and the signature that FastAPI reads."""

    def __init__(self, schema: ClassSchema, actor: Any, where: Any, settings: Settings, described: Iterable[Parameter]) -> None:
        if not isinstance(actor, Depends):
            raise TypeError("actor is Depends(function) of a dependency that gives an Actor, or None where there is no session")
        self.schema, self.settings = schema, settings
        self._where = where
        given = [("actor", actor), *([("where", where)] if isinstance(where, Depends) else [])]
        request = Parameter("request", Parameter.KEYWORD_ONLY, annotation=Request)
        parameters = [Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=Any) for name, default in given]
        self.__signature__ = Signature([request, *parameters, *described])

    def _joined(self, actor: Actor | None, where: Any) -> dict[str, Any]:
        """The arguments that every translation takes. Raises RequestError 401 for nobody."""
        if actor is None:
            raise plain_refusal("no_session")
        return {"actor": actor, "where": where if isinstance(self._where, Depends) else self._where, "settings": self.settings}


class PlanFor(_Dependency):
    """``Depends(PlanFor(schema, actor=Depends(current_actor)))`` gives the Plan of a request's query string.

    The query string is read as received. Every parameter of the class stands in the OpenAPI of the route; ``own`` names those of the
    route itself, which are left to it. ``where`` is the host's condition, or Depends on what gives one. FastAPI looks for each
    parameter that it describes; with ``described=False`` it knows of none, and ``openapi_extra=plan.openapi`` describes them to the
    route instead, at no cost to a request. Raises RequestError, 401 ``no_session`` where ``actor`` gives None.
    """

    def __init__(
        self, schema: ClassSchema, *, actor: Any, where: Any = None, own: Collection[str] = (), settings: Settings = DEFAULTS,
        described: bool = True,
    ) -> None:  # fmt: skip
        self._own = frozenset(own)
        super().__init__(schema, actor, where, settings, _seen(schema, settings) if described else ())

    @property
    def openapi(self) -> dict[str, Any]:
        """What a route says of its query string."""
        found = query_parameters(self.schema, self.settings)
        return {
            "parameters": [{"name": each.name, "in": "query", "description": each.description, "schema": each.schema} for each in found]
        }

    async def __call__(self, *, request: Request, actor: Any, where: Any = None, **seen: Any) -> Plan:
        """The plan; what FastAPI has ``seen`` of the parameters is for its documentation only."""
        joined = self._joined(actor, where)
        text = request.scope["query_string"].decode("utf-8", "surrogateescape")
        if self._own:
            text = "&".join(pair for pair in text.split("&") if pair_name(pair) not in self._own)
        return translate(text, self.schema, **joined)


def _seen(schema: ClassSchema, settings: Settings) -> Iterator[Parameter]:
    """Every parameter of a search as FastAPI takes one, of any value: what the values are is decided by the raw text."""
    for number, each in enumerate(query_parameters(schema, settings)):
        described = Query(None, alias=each.name, title=each.name, description=each.description, json_schema_extra=each.schema)
        yield Parameter(f"seen_{number}", Parameter.KEYWORD_ONLY, default=described, annotation=Any)


class ChangeFor(_Dependency):
    """``Depends(ChangeFor(schema, actor=Depends(current_actor)))`` gives the Change of a request's body, JSON or form.

    ``id`` is the name of the path parameter that holds the record's id; None: the body holds ``search_criteria``. The body is counted
    while it is read, once it is known who asks. ``openapi_extra=change.openapi`` puts it into the OpenAPI of the route: FastAPI would
    read a body that it is told about, before anybody is known. ``where`` and errors as for :class:`PlanFor`.
    """

    def __init__(
        self, schema: ClassSchema, *, actor: Any, id: str | None = "id", where: Any = None, settings: Settings = DEFAULTS,
        body_seconds: float = 30.0,
    ) -> None:  # fmt: skip
        self._by_criteria, self._seconds = id is None, body_seconds
        path = Path(alias=id, title=id, description="id of the record")
        record = Parameter("record", Parameter.KEYWORD_ONLY, default=path, annotation=str)
        super().__init__(schema, actor, where, settings, () if id is None else (record,))

    @property
    def openapi(self) -> dict[str, Any]:
        """What a route says of its body."""
        return {"requestBody": update_body(self.schema, self.settings, by_criteria=self._by_criteria)}

    async def __call__(self, *, request: Request, actor: Any, where: Any = None, record: str | None = None) -> Change:
        """The change."""
        joined = self._joined(actor, where)
        body = Body(request.scope, _received(request))
        try:
            given = await read_sources(request.scope, body, self.settings.limits, self._seconds)
        except ClientLeft:
            raise malformed("the body is not complete") from None
        content = given.form if given.json is UNSET else given.json
        return translate_update(content, self.schema, query=given.query, id=record, by_criteria=self._by_criteria, **joined)


def _received(request: Request) -> Receive:
    """The messages of a request whose body may have been read before, by the host."""
    pieces = request.stream()

    async def receive() -> Message:
        try:
            piece = await anext(pieces, None)
        except ClientDisconnect:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    return receive
