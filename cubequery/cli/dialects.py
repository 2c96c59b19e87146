"""``cubequery translate --dialect``: a list in another request language, at the endpoint that each class has without any declaration."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping
from typing import Any

import cubequery as cq
from cubequery.check import DEFAULTS
from cubequery.cli.given import Given, Usage
from cubequery.schema import load_classes

Translate = Callable[[list[cq.ClassSchema], str, str, Mapping[str, Any]], tuple[cq.Plan, dict[str, Any]]]
"""From the classes, the one that is asked, the query string, and actor, condition and settings, to the plan and what is said beside it."""


def _connectnow(classes: list[cq.ClassSchema], name: str, query: str, common: Mapping[str, Any]) -> tuple[cq.Plan, dict[str, Any]]:
    from cubequery.dialects.connectnow import ConnectNow, endpoints_of, received

    settings = common.get("settings", DEFAULTS)
    dialect = ConnectNow(classes, endpoints_of(classes), settings=settings)
    plan = dialect.list(name, received(query, limits=settings.limits)[0], common["actor"], where=common.get("where"))
    return plan, {"page": plan.page, "more": plan.more, "with": list(plan.paths), "withCount": list(plan.counts)}


def _cubicl(classes: list[cq.ClassSchema], name: str, query: str, common: Mapping[str, Any]) -> tuple[cq.Plan, dict[str, Any]]:
    from cubequery.dialects.cubicl import Cubicl, endpoints_for

    dialect = Cubicl(classes, endpoints_for(classes), settings=common.get("settings", DEFAULTS))
    return dialect.list(name, query, common["actor"], where=common.get("where")), {}


DIALECTS: Mapping[str, Translate] = {"connectnow": _connectnow, "cubicl": _cubicl}
"""The languages by name; a dialect is one row."""


def parts(arguments: Namespace, given: Given, plan_parts: Callable[[cq.Plan], dict[str, Any]]) -> dict[str, Any]:
    """What the plan of a list holds. Raises Usage and RequestError."""
    if arguments.request is None:
        raise Usage("REQUEST is missing: a query string, or '' for every record")
    if (arguments.update, arguments.place, arguments.id) != (None, None, None):
        raise Usage("--dialect translates lists: leave out --update, --place and --id")
    classes = list(load_classes(arguments.classes).values()) if arguments.classes is not None else [given.schema]
    plan, beside = DIALECTS[arguments.dialect](classes, given.schema.name, arguments.request, given.common)
    return plan_parts(plan) | beside
