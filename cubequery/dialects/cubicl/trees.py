"""Descendants of a record within its class, read level by level under the rights of who asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from cubequery import errors
from cubequery.acl import Actor, known
from cubequery.ast import Compare, Condition, Page, Projection, Query, all_of
from cubequery.check import DEFAULTS, Settings
from cubequery.dialects.cubicl.listing import Descendants
from cubequery.dialects.cubicl.refusals import refuse
from cubequery.errors import DefinitionError
from cubequery.operators import AFTER, EQ, IN
from cubequery.schema import ClassSchema
from cubequery.translate import Plan, Where, host_condition, plan_for

Find = Callable[[Plan], Iterable[Mapping[str, Any]]]
"""Runs a plan over the stored records of the class: ``lambda plan: collection.find(**plan.find_args())``."""


def descendants_of(
    schema: ClassSchema, actor: Actor, find: Find, *, parent: str = "_parent_id", where: Where = None, settings: Settings = DEFAULTS
) -> Descendants:
    """The ``descendants=`` of a list, for records of ``schema`` whose field ``parent`` holds the id of the one above.

    Only records that ``actor`` may read, within the host's condition ``where``, are found and asked for what is below them, each once:
    a cycle ends, and a hidden record hides its branch. One read a level, one more for each thousand records (``max_list_items``), which is
    also the most that are found; above it CubiclError 400 ``too_large``. Raises DefinitionError for an unknown field.
    """
    known(actor, settings.user_id_type)
    names, host = schema.names(settings.user_id_type), host_condition(where)
    if parent not in names:
        raise DefinitionError([f"class {schema.name} has no field {parent}"])
    most = settings.limits.max_list_items

    def readable(condition: Condition) -> Iterable[Any]:
        """The ids of readable records, all of them, a page at a time."""
        last: Condition = all_of()
        while True:
            query = Query(all_of(condition, last), page=Page(limit=most), projection=Projection((names["_id"],)))
            page = [document["_id"] for document in find(plan_for(query, schema, actor, host, settings))]
            yield from filter(names["_id"].type.owns, page)  # what is stored under another type of id is no record of the class
            if len(page) < most:
                return
            last = Compare(names["_id"], AFTER, page[-1])

    def descendants(root: Any) -> Sequence[Any]:
        seen: dict[Any, None] = {}
        level = list(readable(Compare(names["_id"], EQ, root)))
        while level:
            # Of more than this, more than `most` were not seen before: the whole level need not be read to know that it is too much.
            below = dict.fromkeys(islice(readable(Compare(names[parent], IN, level)), 2 * most + 2))
            level = [each for each in below if each not in seen and each != root]
            seen |= dict.fromkeys(level)
            if len(seen) > most:
                raise refuse(errors.too_large("descendants"), 400)
        return list(seen)

    return descendants
