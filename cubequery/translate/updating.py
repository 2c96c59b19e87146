"""Body, class and actor to a Change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from cubequery import errors
from cubequery.acl import ADMIN, Actor, known
from cubequery.ast import Request, Update
from cubequery.check import CRITERIA, DEFAULTS, UPDATE, Settings
from cubequery.errors import RequestError
from cubequery.limits import Limits
from cubequery.parse import Sources, reader_for, sources
from cubequery.schema import ClassSchema
from cubequery.syntax import too_large
from cubequery.translate import Text, Where, host_condition
from cubequery.translate.body_plans import BodyPlans, clock, stored_id
from cubequery.translate.change import Change
from cubequery.translate.scope import outside_scope


def translate_update(
    body: Text | Mapping[str, Any], schema: ClassSchema, *, actor: Actor, query: Text = "", id: Any = None, by_criteria: bool | None = None,
    where: Where = None, settings: Settings = DEFAULTS, now: dt.datetime | None = None,
) -> Change:  # fmt: skip
    """An update request as a Change for ``actor``.

    ``body`` is a decoded JSON body or form text. ``id`` limits the change to one record (its text, or a stored id). ``by_criteria``
    says whether the body must hold ``search_criteria``; by default it may. ``now`` is the time of ``updated_at`` (naive UTC, whole
    seconds; default: the clock's). Raises as :func:`translate`, and 403 ``need_user`` for an anonymous actor.
    """
    if type(body) is dict and where is None and by_criteria is None and not query:
        plans = schema.memory.get((settings, BodyPlans))
        if plans is not None and type(actor) is Actor and (actor.kind == settings.user_id_type or actor is ADMIN):
            change: Change | None = plans.change(body, actor, id, now)
            if change is not None:
                return change
    known(actor, settings.user_id_type)
    given = sources(query, form=body) if isinstance(body, str | bytes) else sources(query, json=body)
    host = host_condition(where)
    criteria = _has_criteria(given, settings.limits) if by_criteria is None else by_criteria
    tree = _read_write(given, schema, settings, CRITERIA if criteria else UPDATE, actor)
    assert isinstance(tree, Update)
    record = stored_id(id, schema, settings)
    if type(body) is dict and where is None and by_criteria is None and not query:
        _plans(schema, settings).learn(body, actor, record)
    return Change(outside_scope(tree, host), schema, actor, host, settings, clock() if now is None else now, record)


def _plans(schema: ClassSchema, settings: Settings) -> BodyPlans:
    """What is remembered of the bodies of a class; it lives with the class, as its readers do."""
    found: BodyPlans | None = schema.memory.get((settings, BodyPlans))
    if found is None:
        found = schema.memory[settings, BodyPlans] = BodyPlans(schema, settings)
    return found


def _read_write(given: Sources, schema: ClassSchema, settings: Settings, place: str, actor: Actor) -> Request:
    """The tree of a write. An anonymous one is refused behind size and syntax and before everything else (order of checks)."""
    anonymous = actor.user_id is None and not actor.admin
    try:
        tree = reader_for(schema, settings, place).read(given, admin=actor.admin)
    except RequestError as error:
        if error.status == 400 or not anonymous:
            raise
    if anonymous:
        raise RequestError([errors.plain("need_user")])
    return tree


def _has_criteria(given: Sources, limits: Limits) -> bool:
    """Whether some name of the request begins with ``search_criteria``; what is too large is not looked at, the reader refuses it."""
    if isinstance(given.json, Mapping) and "search_criteria" in given.json:
        return True
    if any(too_large(text, source, limits) for source, text in given.texts()):
        return False
    from urllib.parse import unquote_plus

    names = (unquote_plus(pair.partition("=")[0]) for _, text in given.texts() for pair in text.split("&"))
    return any(name.partition("[")[0] == "search_criteria" for name in names)
