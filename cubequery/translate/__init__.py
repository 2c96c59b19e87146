"""Text, class and actor to a Plan; body, class and actor to a Change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from cubequery import errors
from cubequery.acl import Actor, known, permitted
from cubequery.ast import EVERYTHING, Condition, Query, Request, Update
from cubequery.check import CRITERIA, DEFAULTS, UPDATE, Settings
from cubequery.errors import LateError, Refused, RequestError
from cubequery.host import condition
from cubequery.limits import Limits
from cubequery.parse import LIST, Sources, reader_for, sources
from cubequery.schema import ClassSchema
from cubequery.syntax import too_large
from cubequery.translate.change import Change
from cubequery.translate.plan import Plan
from cubequery.translate.quick import QuickPlan
from cubequery.translate.scope import outside_scope
from cubequery.values import UNSET

__all__ = ["Change", "Plan", "host_condition", "parse", "plan_for", "read_plan", "translate", "translate_update"]

Where = Condition | Mapping[str, Any] | None
Text = str | bytes


def host_condition(where: Where) -> Condition:
    """The host's own condition: a tree as ``cq.condition`` gives it, or a mapping of stored paths to values that it reads."""
    return EVERYTHING if where is None else condition(where) if isinstance(where, Mapping) else where


def parse(
    query: Text | Mapping[str, Any], schema: ClassSchema, *, form: Text = "", json: Mapping[str, Any] | None = None, place: str = LIST,
    settings: Settings = DEFAULTS,
) -> Any:  # fmt: skip
    """The typed tree of a request, without any rights: a Query, Update, Create or Many, as ``place`` says.

    ``query`` is the query string as received (or a decoded JSON body), ``form`` a form body, ``json`` a decoded JSON body; all are read
    as one request. Raises RequestError with every fault of the first stage that failed.
    """
    return reader_for(schema, settings, place).read(sources(query, form=form, json=UNSET if json is None else json))


def translate(
    query: Text | Mapping[str, Any], schema: ClassSchema, *, actor: Actor, form: Text = "", json: Mapping[str, Any] | None = None,
    where: Where = None, settings: Settings = DEFAULTS,
) -> Plan:  # fmt: skip
    """A search, count or aggregation request as a Plan for ``actor``.

    ``where`` is the host's own condition (``cq.condition``), ANDed into everything. Raises RequestError for the request, TypeError for a
    missing actor, DefinitionError for an actor or a condition that is none.
    """
    if type(query) is str and where is None and json is None and not form and type(actor) is Actor:
        reader = schema.memory.get(settings)
        if reader is not None and (actor.kind is None or actor.kind == settings.user_id_type):
            draft = reader.draft(query)
            if draft is not None:
                return QuickPlan(draft[0], draft[1], actor, EVERYTHING)
            if reader.refuses(query):
                raise LateError(reader.why, query)
    known(actor, settings.user_id_type)
    return read_plan(sources(query, form=form, json=UNSET if json is None else json), schema, actor, host_condition(where), settings)


def read_plan(given: Sources, schema: ClassSchema, actor: Actor, where: Condition, settings: Settings) -> Plan:
    """The plan of a search that came in any encoding, for an actor that is known to be one. Raises RequestError."""
    reader = reader_for(schema, settings)
    if given.json is UNSET and not given.form:
        draft = reader.draft(given.query)
        if draft is not None:
            return QuickPlan(*draft, actor, where)
    tree = reader.read(given)
    assert isinstance(tree, Query)
    return plan_for(tree, schema, actor, where, settings)


def plan_for(tree: Query, schema: ClassSchema, actor: Actor, where: Condition, settings: Settings) -> Plan:
    """A tree that was read already, joined with what ``actor`` may read and with the host's condition."""
    return Plan(tree, schema, actor, permitted(actor, "read", schema, settings.user_id_type), where, settings)


def translate_update(
    body: Text | Mapping[str, Any], schema: ClassSchema, *, actor: Actor, query: Text = "", id: Any = None, by_criteria: bool | None = None,
    where: Where = None, settings: Settings = DEFAULTS, now: dt.datetime | None = None,
) -> Change:  # fmt: skip
    """An update request as a Change for ``actor``.

    ``body`` is a decoded JSON body or form text. ``id`` limits the change to one record (its text, or a stored id). ``by_criteria``
    says whether the body must hold ``search_criteria``; by default it may. ``now`` is the time of ``updated_at`` (naive UTC, whole
    seconds; default: the clock's). Raises as :func:`translate`, and 403 ``need_user`` for an anonymous actor.
    """
    known(actor, settings.user_id_type)
    given = sources(query, form=body) if isinstance(body, str | bytes) else sources(query, json=body)
    host = host_condition(where)
    criteria = _has_criteria(given, settings.limits) if by_criteria is None else by_criteria
    tree = _read_write(given, schema, settings, CRITERIA if criteria else UPDATE, actor)
    assert isinstance(tree, Update)
    clock = now if now is not None else dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    return Change(outside_scope(tree, host), schema, actor, host, settings, clock, _record_id(id, schema, settings))


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
    names = (unquote_plus(pair.partition("=")[0]) for _, text in given.texts() for pair in text.split("&"))
    return any(name.partition("[")[0] == "search_criteria" for name in names)


def _record_id(given: Any, schema: ClassSchema, settings: Settings) -> Any:
    """A record's id in its stored form; what cannot be one is the id of no record."""
    kind = schema.names(settings.user_id_type)["_id"].type
    if given is None or (kind.owns(given) and not isinstance(given, str)):
        return given
    try:
        return kind.read_text(str(given), settings.limits)
    except Refused:
        raise RequestError([errors.plain("not_found")]) from None
