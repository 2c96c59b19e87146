"""Two definitions of one class compared: every rule once, the verdict of the whole, and the report in words."""

from __future__ import annotations

from typing import Any

import pytest

import cubequery as cq

C, S, I = "compatible", "needs_scan", "incompatible"  # noqa: E741 -- the three verdicts, as the table's columns
Row = tuple[Any, Any, list[tuple[str, str, str]]]
"""A field before and after (None: not declared), and what is told: what, verdict, some of the text."""

F = "field f"
FIELDS: list[Row] = [
    ("Integer", "Integer", []),
    ("Array", {"type": "String_a"}, []),
    (None, "Integer", [(F, C, "is new")]),
    (None, {"type": "Integer", "required": True}, [(F, S, "new and required")]),
    ("Integer", None, [(F, C, "what is stored stays, and no request sees it")]),
    ("Integer", "Float", [(F, S, "stored integers count as they are")]),
    ("Integer_a", "Float_a", [(F, S, "Integer_a becomes Float_a")]),
    ("Float", "Integer", [(F, I, "Float becomes Integer: what is stored is foreign to it")]),
    ("Integer", "String", [(F, I, "Integer becomes String")]),
    ("String", "String_a", [(F, I, "String becomes String_a")]),
    ("Float_a", "Integer_a", [(F, I, "Float_a becomes Integer_a")]),
    ("Date", "Integer", [(F, I, "Date becomes Integer")]),
    ("File", "Location", [(F, I, "File becomes Location")]),
    ({"type": "Integer", "minimum": 1}, {"type": "Float", "minimum": 2}, [(F, S, "becomes Float"), (F, S, "minimum 1 becomes 2")]),
    ("Integer", {"type": "Integer", "stored": "g"}, [(F, I, 'the stored path "f" becomes "g"')]),
    ("Integer", {"type": "Integer", "stored": "f"}, []),
    ({"type": "Integer", "stored": "a.b"}, {"type": "Integer", "stored": "a.c"}, [(F, I, '"a.b" becomes "a.c"')]),
    ("Integer", {"type": "Integer", "required": True}, [(F, S, "becomes required")]),
    ({"type": "Integer", "required": True}, "Integer", [(F, C, "required no more")]),
    ("Integer", {"type": "Integer", "default": 1}, [(F, C, "only new records")]),
    ({"type": "Integer", "default": 1}, {"type": "Integer", "default": 2}, [(F, C, "another default")]),
    ({"type": "Integer", "default": 1}, {"type": "Integer", "default": None}, [(F, C, "another default")]),
    ("Integer", {"type": "Integer", "default": None}, []),
    ("String", {"type": "String", "max_length": 5}, [(F, S, "max_length is 5: values stored already stay")]),
    ({"type": "String", "max_length": 5}, {"type": "String", "max_length": 4}, [(F, S, "max_length 5 becomes 4")]),
    ({"type": "String", "max_length": 5}, {"type": "String", "max_length": 6}, [(F, C, "wider")]),
    ({"type": "String", "max_length": 5}, "String", [(F, C, "max_length 5 is lifted")]),
    ({"type": "String_a", "max_length": 5}, {"type": "String_a", "max_length": 4}, [(F, S, "max_length 5 becomes 4")]),
    ({"type": "Integer", "minimum": 5}, {"type": "Integer", "minimum": 4}, [(F, C, "minimum 5 becomes 4, which is wider")]),
    ({"type": "Integer", "minimum": 5}, {"type": "Integer", "minimum": 6}, [(F, S, "minimum 5 becomes 6")]),
    ({"type": "Integer", "maximum": 5}, {"type": "Integer", "maximum": 4}, [(F, S, "maximum 5 becomes 4")]),
    ({"type": "Integer", "maximum": 5}, {"type": "Integer", "maximum": 6}, [(F, C, "wider")]),
    ({"type": "Integer", "maximum": 5}, {"type": "Integer", "maximum": "5"}, []),
    ({"type": "Float_a", "minimum": 0}, {"type": "Float_a", "minimum": 0.5}, [(F, S, "minimum 0 becomes 0.5")]),
    ({"type": "Date", "minimum": "2000-01-01"}, {"type": "Date", "minimum": 946684800}, []),
    ({"type": "Date", "minimum": "2000-01-01"}, {"type": "Date", "minimum": "2001-01-01"}, [(F, S, "2001-01-01")]),
    ("String", {"type": "String", "choices": ["a"]}, [(F, S, "fewer choices")]),
    ({"type": "String", "choices": ["a", "b"]}, {"type": "String", "choices": ["a", "c"]}, [(F, S, "fewer choices")]),
    ({"type": "String", "choices": ["a"]}, {"type": "String", "choices": ["b", "a"]}, [(F, C, "more choices")]),
    ({"type": "String", "choices": ["a", "b"]}, {"type": "String", "choices": ["b", "a"]}, []),
    ({"type": "String", "choices": ["a"]}, "String", [(F, C, "more choices")]),
    ({"type": "Integer_a", "choices": [1, 2]}, {"type": "Integer_a", "choices": [1]}, [(F, S, "fewer choices")]),
    ("Date", {"type": "Date", "resolution": "ms"}, [(F, C, "whole seconds")]),
    ({"type": "Date", "resolution": "ms"}, "Date", [(F, S, "stored milliseconds stay")]),
    ("Date", {"type": "Date", "resolution": "s"}, []),
]
OBJECTS: list[Row] = [
    (
        {"type": "Object", "fields": {"a": "Integer", "b": {"type": "Object", "fields": {"c": "String"}}}},
        {"type": "Object", "fields": {"a": "String", "b": {"type": "Object", "fields": {"c": "String", "d": "File"}}}},
        [("field f[a]", I, "Integer becomes String"), ("field f[b][d]", C, "is new")],
    ),
    (
        {"type": "Object", "fields": {"a": "Integer"}},
        {"type": "Object", "required": True, "fields": {"a": {"type": "Integer", "maximum": 1}}},
        [(F, S, "becomes required"), ("field f[a]", S, "maximum is 1")],
    ),
    (
        {"type": "Object", "fields": {"a": "Integer"}},
        {"type": "Object", "stored": "g", "fields": {"a": "Integer"}},
        [("field f[a]", I, '"f.a" becomes "g.a"')],
    ),
    ({"type": "Object", "fields": {"a": "Integer"}}, "Integer", [(F, I, "Object becomes Integer"), ("field f[a]", C, "declared no more")]),
    ("Integer", {"type": "Object", "fields": {"a": "Integer"}}, [(F, I, "Integer becomes Object"), ("field f[a]", I, 'meets "f"')]),
    ({"type": "Object", "fields": {"a": "Integer"}}, None, [(F, C, "declared no more"), ("field f[a]", C, "declared no more")]),
]
CLASSES: list[Row] = [
    ({}, {}, []),
    ({"id_type": "Integer"}, {"id_type": "String"}, [("id_type", I, "Integer becomes String")]),
    ({}, {"acl": "class"}, [("acl", I, "rights by tokens become rights by class: records there must be adopted"), *(
        (f"permissions {action}", C, text) for action, text in (
            ("read", "open becomes open (primary)"), ("update", "owner becomes not_allowed (primary)"),
            ("delete", "owner becomes not_allowed (primary)")))]),
    ({}, {"acl": {"owner": "own"}}, [("acl", I, "become rights by the owner field own")]),
    ({"acl": {"owner": "own"}}, {"acl": {"owner": "user_id"}}, [("acl", I, "owner field own become rights by the owner field user_id")]),
    ({"acl": {"owner": "own"}}, {"acl": {"owner": "own", "shared": ["by"]}}, [("acl", S, "shared fields [] become [by]")]),
    ({"acl": "tokens"}, {}, []),
    ({}, {"permissions": {"read": {"access": "owner"}}}, [("permissions read", C, "open becomes owner; records keep rights of their own")]),
    ({}, {"permissions": {"read": {"access": "open_for_users_ids", "ids": [5], "primary": True}}},
     [("permissions read", C, "open becomes open_for_users_ids [5] (primary)")]),
    ({}, {"permissions": {"read": {"access": "open"}}}, []),
    ({}, {"parents": ["x"]}, [("parents", S, "parents of any class become parents of [x]")]),
    ({"parents": ["x"]}, {"parents": []}, [("parents", S, "parents of [x] become parents of []")]),
    ({}, {"private_majority": True}, [("private_majority", C, "ensure_indexes")]),
    ({}, {"relations": {"a": {"kind": "has_one", "class": ""}}, "scopes": {"b": ""}},
     [("relations", C, "differ"), ("scopes", C, "differ")]),
]  # fmt: skip
RENAMED: list[Row] = [
    ({"f": "Integer"}, {"g": {"type": "Integer", "stored": "f"}}, [("field g", C, "stored as f"), (F, C, "declared no more")]),
    (
        {"f": "Integer"},
        {"g": {"type": "Float", "stored": "f"}},
        [("field g", C, "stored as f"), ("field g", S, "becomes Float"), (F, C, "")],
    ),
    ({"f": "Integer"}, {"g": {"type": "String", "stored": "f"}}, [("field g", C, "as f"), ("field g", I, "becomes String"), (F, C, "")]),
    ({"f": "Integer"}, {"g": {"type": "Integer", "stored": "f.x"}}, [("field g", I, 'its stored path "f.x" meets "f"'), (F, C, "")]),
    (
        {"f": {"type": "Object", "fields": {"a": "String"}}},
        {"g": {"type": "String", "stored": "f.a"}},
        [("field g", C, "stored as f[a]"), (F, C, ""), ("field f[a]", C, "")],
    ),
    (
        {"f": {"type": "Object", "fields": {"a": "String"}}},
        {"g": {"type": "String", "stored": "f"}},
        [("field g", I, 'meets "f.a"'), (F, C, ""), ("field f[a]", C, "")],
    ),
]


def defined(fields: Any, **keys: Any) -> cq.ClassSchema:
    return cq.ClassSchema.from_json({"name": "x", "fields": fields, **keys})


def told(old: cq.ClassSchema, new: cq.ClassSchema, expected: list[tuple[str, str, str]]) -> None:
    """The differences are these, in this order, and the verdict of the whole is the worst of theirs."""
    found = old.diff(new)
    assert [(each.what, each.verdict) for each in found.differences] == [(what, verdict) for what, verdict, _ in expected], str(found)
    for each, (_, _, text) in zip(found.differences, expected, strict=True):
        assert text in each.text
    verdicts = {verdict for _, verdict, _ in expected}
    assert found.verdict == (I if I in verdicts else S if S in verdicts else C)
    assert not expected or old != new
    assert old.diff(old) == cq.SchemaDiff("x")


@pytest.mark.parametrize(("old", "new", "expected"), [*FIELDS, *OBJECTS], ids=str)
def test_a_field(old: Any, new: Any, expected: list[tuple[str, str, str]]) -> None:
    before, after = (defined({"other": "String", **({} if each is None else {"f": each})}) for each in (old, new))
    told(before, after, expected)


@pytest.mark.parametrize(("old", "new", "expected"), RENAMED, ids=str)
def test_a_stored_path_under_another_name(old: Any, new: Any, expected: list[tuple[str, str, str]]) -> None:
    told(defined(old), defined(new), expected)


@pytest.mark.parametrize(("old", "new", "expected"), CLASSES, ids=str)
def test_a_key_of_the_class(old: Any, new: Any, expected: list[tuple[str, str, str]]) -> None:
    told(defined({"own": "Integer", "by": "Integer_a"}, **old), defined({"own": "Integer", "by": "Integer_a"}, **new), expected)


def test_classes_of_two_names_are_not_compared() -> None:
    with pytest.raises(cq.DefinitionError, match="class y takes no place of class x"):
        defined({}).diff(cq.ClassSchema("y", {}))


def test_the_report_in_words() -> None:
    old = defined({"age": "Integer", "name": "String"})
    new = defined({"age": "Float", "name": {"type": "String", "stored": "n"}, "city": "String"})
    assert str(old.diff(new)) == (
        "class x: incompatible\n"
        "  needs_scan    field age: Integer becomes Float: stored integers count as they are\n"
        '  incompatible  field name: the stored path "name" becomes "n": what is stored stays behind, unset for every request\n'
        "  compatible    field city: is new: records there are without it, or hold what was undeclared at its path"
    )
    assert str(old.diff(old)) == "class x: nothing differs"
