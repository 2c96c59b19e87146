"""Whether the store answers, for load balancers and supervisors."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from cubequery.ast import NOTHING
from cubequery.engine import AsyncEngine, Engine
from cubequery.engine.base import bounded
from cubequery.server.answers import json_answer
from cubequery.server.threads import call
from cubequery.stores.commands import Find

PATH = b"/healthz"


async def health(engine: Engine | AsyncEngine) -> Response:
    """200 once the store has answered a question that asks for no record. Raises RequestError 503 where it does not."""
    store: Any = engine.store
    for schema in list(engine.classes.values())[:1]:
        with bounded(store):
            await call(store.execute, Find(schema, NOTHING, limit=1))
    return json_answer({"status": "ok"})
