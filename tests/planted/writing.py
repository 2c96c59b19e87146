"""Planted bugs of writes that are padded, doubled or cut, and of a limit that is one off."""

from __future__ import annotations

from tests.planted.bug import Bug

FAULTS = ("engine/test_faults.py::test_a_memory_store_that_fails_at_any_command",)

WRITING: tuple[Bug, ...] = (
    Bug(
        33,
        "index write pads with nulls",
        "cubequery/compile/guards.py",
        "    if needed:\n        guards.append({f",
        "    if needed < 0:\n        guards.append({f",
        ("test_cases.py::test_first_command", "attacks/test_takeover.py::test_an_index_never_leaves_a_gap"),
    ),
    Bug(
        34,
        "retry of inc after an unknown outcome",
        "cubequery/operations/change.py",
        "        document = yield from do(Modify(work.schema, bound))\n",
        "        try:\n"
        "            document = yield from do(Modify(work.schema, bound))\n"
        "        except RequestError as error:\n"
        '            if error.code != "outcome_unknown":\n'
        "                raise\n"
        "            document = yield from do(Modify(work.schema, bound))\n",
        FAULTS,
    ),
    Bug(
        35,
        "parent deleted before its children, no resume",
        "cubequery/operations/cascade.py",
        "        gone = yield from _batch_by_batch(work, reversed((yield from _below(work, [(work.schema, ids)]))))\n"
        "        own = yield from _batch_by_batch(work, _batches(work, work.schema, ids, condition))\n",
        "        own = yield from _batch_by_batch(work, _batches(work, work.schema, ids, condition))\n"
        "        gone = yield from _batch_by_batch(work, reversed((yield from _below(work, [(work.schema, ids)]))))\n",
        FAULTS,
    ),
    Bug(
        36,
        "] counted one short: depth limit off by one",
        "cubequery/syntax.py",
        "if parts > limits.max_path_parts",
        "if parts - 1 > limits.max_path_parts",
        ("test_limits.py::test_parts_of_a_name_and_levels_of_a_body", "test_bounded_work.py::test_long_paths"),
    ),
)
