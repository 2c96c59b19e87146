"""Text, class and actor to a Plan. Changes are in `updating`, which is brought in with the first of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cubequery.acl import Actor, known
from cubequery.ast import EVERYTHING, Condition
from cubequery.check import DEFAULTS, Settings
from cubequery.host import condition
from cubequery.parse import LIST, Sources, reader_for, sources
from cubequery.parse.reader import NOT_PLAIN
from cubequery.schema import ClassSchema
from cubequery.translate.plan import Plan
from cubequery.translate.quick import new_quick, plan_for, within
from cubequery.values import UNSET

__all__ = ["Plan", "host_condition", "parse", "plan_for", "read_plan", "translate"]

Where = Condition | Mapping[str, Any] | None
Text = str | bytes
_EVEN = slice(None, None, 2)


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
    if where is not None or json is not None or form or type(query) is not str:
        known(actor, settings.user_id_type)
        return read_plan(sources(query, form=form, json=UNSET if json is None else json), schema, actor, host_condition(where), settings)
    if type(actor) is not Actor:
        known(actor, settings.user_id_type)
    quick = schema.memory.get(settings) or new_quick(schema, settings)
    if actor.kind not in quick.kinds or len(query) > quick.most:
        known(actor, settings.user_id_type)
        return quick.usual(query, actor)  # before anything is split: what is refused for its size costs the same at any size
    parts: Sequence[str]
    if "&" in query:
        parts = query.replace("&", "=").split("=")
        names = "&".join(parts[_EVEN])
    else:  # a value may be long, and partition looks for a sign in a tenth of the time that split takes
        names, _, value = query.partition("=")
        parts = names, value
    shape = quick.shapes.get(names)
    if shape is not None:
        try:
            plan: Plan | None = shape.answer(query, parts, actor)
        except NOT_PLAIN:
            plan = None
        if plan is not None:
            return plan if quick.by_tokens and not actor.admin else within(plan, EVERYTHING)
    return quick.learn(query, parts, names, shape, actor)


def read_plan(given: Sources, schema: ClassSchema, actor: Actor, where: Condition, settings: Settings) -> Plan:
    """The plan of a search that came in any encoding, for an actor that is known to be one. Raises RequestError."""
    if given.json is UNSET and not given.form:
        plan = translate(given.query, schema, actor=actor, settings=settings)
        return plan if where is EVERYTHING else within(plan, where)
    return plan_for(reader_for(schema, settings).read(given), schema, actor, where, settings)
