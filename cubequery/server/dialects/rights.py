"""What dialects ask of an engine in their own order: the right before the meaning of a request, one record by any id."""

from __future__ import annotations

from cubequery.acl import Actor
from cubequery.engine import AsyncEngine, Engine
from cubequery.errors import RequestError
from cubequery.server.answers import plain_refusal
from cubequery.server.threads import call


async def permitted(engine: Engine | AsyncEngine, actor: Actor, action: str, name: str, record: str | None = None) -> None:
    """Raises RequestError 404 and 403, which come before what a request's meaning is refused with."""
    nobody = _is_nobody(actor)
    if not nobody and await call(engine.why, actor, action, name, record):
        return
    if record is not None and not await call(engine.why, actor, "read", name, record):
        raise plain_refusal("not_found")
    raise plain_refusal("need_user" if nobody else "forbidden")


async def check(
    engine: Engine | AsyncEngine, actor: Actor, action: str, name: str, refusal: RequestError | None, record: str | None = None
) -> None:
    """Raises ``refusal``, what a request's meaning is refused with, behind the 404 and 403 of :func:`permitted`.

    The engine itself sees to the right of somebody whose request is in order; to nobody it would say so before it looks for a record.
    """
    if refusal is not None or _is_nobody(actor):
        await permitted(engine, actor, action, name, record)
    if refusal is not None:
        raise refusal


def _is_nobody(actor: Actor) -> bool:
    return actor.user_id is None and not actor.admin


async def delete(engine: Engine | AsyncEngine, actor: Actor, name: str, record: str) -> None:
    """Delete one record, with everything below it. Raises RequestError 404 and 403."""
    # As a list: a comma in an id of the path separates nothing here.
    told = await call(engine.delete, name, [record], actor)
    if told["NotFound"]["ids"]:
        raise plain_refusal("not_found")
    if told["WrongPermissions"]["ids"]:
        raise plain_refusal("forbidden")
