"""Planted bugs of reading requests: what is taken that must be refused, and what a body may set."""

from __future__ import annotations

from tests.planted.bug import Bug

REQUESTS: tuple[Bug, ...] = (
    Bug(
        27,
        "last duplicate parameter wins",
        "cubequery/check/merge.py",
        '            faults.add(number, errors.plain("repeated", slot.key))\n',
        "            merged[slot.identity] = Merged(slot, value, number)\n",
        ("attacks/test_catalogue.py::test_refused", "test_cases.py::test_refusal"),
    ),
    Bug(
        28,
        "fast path decodes twice",
        "cubequery/parse/reader.py",
        "                value = decode(value)\n            entries.append",
        "                value = decode(decode(value))\n            entries.append",
        ("attacks/test_literals.py::test_values_that_look_like_syntax", "test_fast_path.py::test_fast_path_equals_the_grammar"),
    ),
    Bug(
        29,
        "unknown operator read as equality",
        "cubequery/check/search.py",
        "    row = table.row(word, kind)\n",
        '    row = table.row(word, kind) or table.row("eq", kind)\n',
        ("test_cases.py::test_refusal", "attacks/test_wrapping.py::test_no_position_accepts_a_refused_name"),
    ),
    Bug(
        30,
        "operand that fails to cast is dropped",
        "cubequery/parse/reader.py",
        "            entries.append((slot, slot.text(value)))\n",
        "            try:\n                entries.append((slot, slot.text(value)))\n            except Refused:\n                pass\n",
        ("test_cases.py::test_refusal", "attacks/test_catalogue.py::test_refused"),
    ),
    Bug(
        31,
        "permissions of a body applied for a non-owner",
        "cubequery/translate/change.py",
        "            mine = EVERYTHING if self.actor.admin else owned_by(",
        "            mine = EVERYTHING if self.actor is not None else owned_by(",
        ("attacks/test_takeover.py::test_permissions_of_others_stay",),
    ),
    Bug(
        32,
        "updated_at accepted from the body",
        "cubequery/check/assign.py",
        "    if not admin:\n        return []\n    changes: dict[str, Assign] = {}\n",
        '    if not admin:\n        merged = [each for each in merged if each.slot.key == "updated_at"]\n'
        "    changes: dict[str, Assign] = {}\n",
        ("test_trap_updates.py::test_whole_answer_put_back",),
    ),
)
