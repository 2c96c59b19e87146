"""Planted bugs of answers: what is read without rights, decided too early, or remembered for somebody else."""

from __future__ import annotations

from tests.planted.bug import Bug

HIDDEN_RECORDS = ("engine/test_noninterference.py::test_hidden_records",)

ANSWERING: tuple[Bug, ...] = (
    Bug(
        19,
        "count=1 without the ACL",
        "cubequery/operations/read.py",
        "yield from do(Count(work.schema, plan.condition))",
        "yield from do(Count(work.schema, all_of(plan.query.condition, plan.where)))",
        HIDDEN_RECORDS,
    ),
    Bug(
        20,
        "skip and limit applied before the ACL in memory",
        "cubequery/stores/memory.py",
        "        found = self._selected(command.schema.name, plan.condition)\n"
        "        return [dict(document) for document in first(found, plan.sort, plan.skip + plan.limit + command.more)[plan.skip :]]\n",
        "        found = self._selected(command.schema.name, plan.query.condition)\n"
        "        page = first(found, plan.sort, plan.skip + plan.limit + command.more)[plan.skip :]\n"
        "        return [dict(document) for document in page if plan.matches(document)]\n",
        HIDDEN_RECORDS,
    ),
    Bug(
        21,
        "403 instead of 404 for an unreadable id",
        "cubequery/operations/read.py",
        '        raise RequestError([errors.plain("not_found")])\n    return _shown(work, found[0], plan)\n',
        "        there = yield from do(Find(work.schema, work.with_ids([record_id]), limit=1))\n"
        '        raise RequestError([errors.plain("forbidden" if there else "not_found")])\n'
        "    return _shown(work, found[0], plan)\n",
        HIDDEN_RECORDS,
    ),
    Bug(
        22,
        "hidden id put into WrongPermissions",
        "cubequery/operations/delete.py",
        '"WrongPermissions" if document is not None and may_read(document) else "NotFound"',
        '"WrongPermissions" if document is not None else "NotFound"',
        HIDDEN_RECORDS,
    ),
    Bug(
        23,
        "by_criteria filtered by the update right only",
        "cubequery/translate/change.py",
        '        readable = EVERYTHING if criteria is None else self._rights["read"]\n',
        "        readable = EVERYTHING\n",
        ("attacks/test_rights.py::test_criteria_reach_what_may_be_read_and_updated",),
    ),
    Bug(
        24,
        "ACL checked by an earlier find, not in the write",
        "cubequery/operations/change.py",
        "    bound = change.for_record(record_id, stamp=stamp, parent_class=parent)\n    for _ in range(ROUNDS):\n",
        "    bound = change.for_record(record_id, stamp=stamp, parent_class=parent)\n"
        "    bound.apply((yield from read_one(work, record_id)))\n"
        "    bound._rights = dict.fromkeys(bound._rights, all_of())\n"
        "    for _ in range(ROUNDS):\n",
        ("races/test_races.py::test_what_lands_is_permitted",),
    ),
    Bug(
        25,
        "plan cache keyed without the actor",
        "cubequery/translate/__init__.py",
        "    return quick.learn(query, parts, names, shape, actor)\n",
        "    return schema.memory.setdefault(query, quick.learn(query, parts, names, shape, actor))\n",
        ("attacks/test_rights.py::test_a_plan_is_nobody_elses",),
    ),
    Bug(
        26,
        "name cache keyed without the class's content hash",
        "cubequery/classes/held.py",
        "        return held if held is not None and held == schema else schema\n",
        "        if held is not None and held != schema:\n"
        "            schema.memory.update(held.memory)\n"
        "        return held if held is not None and held == schema else schema\n",
        ("engine/test_classes_while_running.py::test_what_define_allows",),
    ),
)
