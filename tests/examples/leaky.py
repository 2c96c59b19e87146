"""A host's own server with a leak as they are often written: its list says how many records there are before rights are asked.

The page itself is right. The count beside it comes from the query without the actor ("a total is no secret"), so that whoever may
ask learns by `total` whether a record with a value exists that he may not read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import cubequery as cq
from cubequery.server import app
from cubequery.testing import Served

CLASSES = [
    cq.ClassSchema("profile", {"full_name": cq.String(required=True), "age": cq.Integer(minimum=0), "tags": cq.Array}),
    cq.ClassSchema("note", {"text": cq.String}),
]


def authenticate(request: Request) -> cq.Actor | None:
    """Who asks. A real host looks a token up; here it says itself who it is."""
    token = request.headers.get("CB-Token")
    return None if token is None else cq.Actor(**json.loads(token))


def token_of(actor: cq.Actor) -> dict[str, str]:
    """The headers of an actor's request."""
    return {"CB-Token": json.dumps({"user_id": actor.user_id, "groups": list(actor.groups), "admin": actor.admin})}


def server(engine: cq.Engine, *, totals: Callable[[cq.Engine, str, str, cq.Actor], int]) -> Starlette:
    """The Custom Objects API, but for lists of the host's own, which have a `total`."""

    async def listed(request: Request) -> Response:
        actor, name = authenticate(request), request.path_params["name"]
        if actor is None:
            return Response(status_code=401)
        form = (await request.body()).decode()  # what stands there is part of the request, and never left out
        query = "&".join(filter(None, (request.scope["query_string"].decode(), form)))
        try:
            answer = engine.list(name, query, actor)
            return JSONResponse({**answer, "total": totals(engine, name, query, actor)})
        except cq.RequestError as error:
            return JSONResponse(error.body(), error.status)

    served = app(engine, authenticate=authenticate)
    own = Starlette(routes=[Route("/data/{name}", listed, methods=["GET"])])
    own.router.default = served
    return own


def counted(engine: cq.Engine, name: str, query: str, actor: cq.Actor) -> int:
    """How many records match: those that the actor may read."""
    kept = "&".join(part for part in query.split("&") if part and not part.startswith(_NOT_COUNTED) and "[calc]" not in part)
    return int(engine.list(name, f"{kept}&count=1".lstrip("&"), actor)["items"]["count"])


def counted_before_rights(engine: cq.Engine, name: str, query: str, actor: cq.Actor) -> int:
    """THE LEAK: how many records match, whoever may read them."""
    return counted(engine, name, query, cq.ADMIN)


_NOT_COUNTED = ("sort_", "skip", "limit", "page", "per_page", "output", "count", "group_by", "_after")


def sound(store: Any, classes: Sequence[cq.ClassSchema], **options: Any) -> Served:
    """The server without the leak."""
    return Served(server(cq.Engine(store, classes, **options), totals=counted), token_of)


def leaky(store: Any, classes: Sequence[cq.ClassSchema], **options: Any) -> Served:
    """The server with it."""
    return Served(server(cq.Engine(store, classes, **options), totals=counted_before_rights), token_of)
