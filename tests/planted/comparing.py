"""Planted bugs of comparing, ordering and compiling: memory that decides otherwise than MongoDB, filters that say too much."""

from __future__ import annotations

from tests.planted.bug import Bug

COMPARING: tuple[Bug, ...] = (
    Bug(
        8,
        "true == 1 in memory",
        "cubequery/evaluate/leaf.py",
        "NUMBERS: Final = frozenset({int, float, Int64})",
        "NUMBERS: Final = frozenset({int, float, Int64, bool})",
        ("test_evaluator.py::test_equality_in_prose",),
    ),
    Bug(
        9,
        "all of an empty list matches everything",
        "cubequery/operators/search.py",
        "    return lambda values: bool(operand) and all(",
        "    return lambda values: all(",
        ("test_cases.py::test_in_memory",),
    ),
    Bug(
        10,
        "ne skips null and absent",
        "cubequery/operators/search.py",
        'Plain("$ne"), _none(equal), ',
        'Plain("$ne"), _some(lambda value, operand: type_class(value) != 5 and not equal(value, operand)), ',
        ("test_cases.py::test_in_memory", "test_properties.py::test_an_operator_and_its_opposite_part_the_records"),
    ),
    Bug(
        11,
        "range compares across types",
        "cubequery/operators/search.py",
        "        if type_class(value) != type_class(operand):\n",
        "        if isinstance(operand, _ENDS):\n",
        ("test_cases.py::test_in_memory",),
    ),
    Bug(
        12,
        "document key order ignored in equality",
        "cubequery/ordering.py",
        "    a, b = list(_pairs(left)), list(_pairs(right))\n",
        "    a, b = sorted(_pairs(left), key=str), sorted(_pairs(right), key=str)\n",
        ("test_evaluator.py::test_equality_in_prose",),
    ),
    Bug(
        13,
        "ctn not escaped",
        "cubequery/operators/search.py",
        "prefix + (needle if needle.isalnum() else re.escape(needle))",
        "prefix + needle",
        ("test_cases.py::test_compiled_form",),
    ),
    Bug(
        14,
        "bare $toString for ctn on numbers",
        "cubequery/operators/text.py",
        '    return {"$expr": {"$cond": [{"$isNumber": number}, found, False]}}\n',
        '    return {"$expr": found}\n',
        ("test_cases.py::test_compiled_form", "attacks/test_literals.py::test_a_condition_that_raises_on_a_hidden_record"),
    ),
    Bug(
        15,
        "empty or compiled to {}",
        "cubequery/compile/mongo_filter.py",
        '    return {"$or": [compile_filter(member) for member in node.members]} if node.members else _nothing()\n',
        '    members = [member for member in node.members if getattr(member, "operand", None) not in ([], ())]\n'
        '    return {"$or": [compile_filter(member) for member in members]} if members else {}\n',
        ("test_cases.py::test_compiled_form",),
    ),
    Bug(
        16,
        "no _id tie-break in sorts",
        "cubequery/compile/mongo_query.py",
        '        order.append(("_id", 1))\n',
        "        pass\n",
        ("test_cases.py::test_compiled_form",),
    ),
    Bug(
        17,
        "collation left to the collection",
        "cubequery/translate/plan.py",
        '        return {"collation": {"locale": "simple"}, "max_time_ms"',
        '        return {"max_time_ms"',
        ("attacks/test_stored_acl.py::test_every_call_names_the_collation",),
    ),
    Bug(
        18,
        "suggestion list built from stored names",
        "cubequery/check/search.py",
        "    return BadName(start, errors.unknown_field(parts[start], schema.offer(settings.user_id_type), key or None))\n",
        "    names = schema.names(settings.user_id_type)\n"
        '    stored = KnownNames([*(each.path for each in names.values()), "_read", "_update", "_delete", "_acl"])\n'
        "    return BadName(start, errors.unknown_field(parts[start], stored, key or None))\n",
        ("attacks/test_answers.py::test_no_suggestion_betrays_a_hidden_name",),
    ),
)
