"""Classes: what a definition says, its JSON and back, its hash, and that every fault of it is found."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import cubequery as cq
from cubequery.names import CONTROL, HIDDEN, SYSTEM
from cubequery.schema import together
from tests.support.fixture import ITEM_FIELDS, KINDS, ORDER, PLACE, SCHEMAS

FULL: Mapping[str, Any] = {
    "name": "profile",
    "fields": {
        "full_name": {"type": "String", "required": True, "max_length": 40},
        "age": "Integer",
        "level": {"type": "Integer", "minimum": 1, "maximum": 9, "default": 3, "choices": [1, 3, 9]},
        "score": {"type": "Float", "stored": "stats.score"},
        "tags": "Array",
        "marks": {"type": "Integer_a", "max_length": 3, "minimum": 0},
        "seen": {"type": "Date", "resolution": "ms", "minimum": "2000-01-01"},
        "spot": "Location",
        "pic": "File",
        "address": {"type": "Object", "required": True, "fields": {"city": {"type": "String", "stored": "town"}, "flags": "Boolean_a"}},
        "gt": "Integer",
        "page": "Integer",
        "per_page": "Integer",
        "é": "String",
    },
    "permissions": {
        "create": {"access": "open_for_groups", "groups": ["staff"]},
        "read": {"access": "open_for_users_ids", "users_ids": [1, 2], "primary": True},
        "update": {"access": "open_for_groups", "users_groups": []},
    },
    "acl": "tokens",
    "id_type": "String",
    "parents": ["team"],
    "relations": {},
    "scopes": {},
    "private_majority": True,
}


def problems(build: Callable[[], object]) -> tuple[str, ...]:
    with pytest.raises(cq.DefinitionError) as caught:
        build()
    return caught.value.problems


# --- names ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(CONTROL | set(SYSTEM) | HIDDEN))
def test_words_of_the_language_are_no_names(name: str) -> None:
    assert problems(lambda: cq.ClassSchema("x", {name: cq.String}))


@pytest.mark.parametrize("word", sorted(CONTROL | {"user_id", "created_at", "updated_at"}))
def test_words_are_names_inside_an_object(word: str) -> None:
    schema = cq.ClassSchema("x", {"o": cq.Object({word: cq.String})})
    assert cq.translate(f"o[{word}]=a", schema, actor=cq.ADMIN).filter == {f"o.{word}": {"$eq": "a"}}


@pytest.mark.parametrize(
    "name", ["gt", "in", "near", "calc", "or", "page", "per_page", "_after"[1:], "a b", "é", "a-b", "a;b", "a$", "a_", "0"]
)
def test_other_names_are_taken(name: str) -> None:
    schema = cq.ClassSchema("x", {name: cq.Integer})
    assert cq.translate({name: 1}, schema, actor=cq.ADMIN).filter == {name: {"$eq": 1}}


@pytest.mark.parametrize("name", ['x"] or True or r["x', "a.b", "$a", "_a", "limit", "", "a\0", "a\nb", "a[", "a]", "a,b"])
def test_names_that_could_end_in_code_are_refused(name: str) -> None:
    """And a request that uses them finds no field."""
    assert problems(lambda: cq.ClassSchema("x", {name: cq.String}))
    assert problems(lambda: cq.ClassSchema("x", {"o": cq.Object({name: cq.String})})) if name != "limit" else True
    if name != "limit":
        with pytest.raises(cq.RequestError) as caught:
            cq.translate({name: "1"}, cq.ClassSchema("x", {"s": cq.String}), actor=cq.ADMIN)
        assert caught.value.code in ("unknown_field", "malformed")


@pytest.mark.parametrize("name", ["a b", "", "é", "multi", "by_criteria", "file", "a.b", "$x", "a\n"])
def test_class_names(name: str) -> None:
    assert problems(lambda: cq.ClassSchema(name, {}))


# --- stored paths -----------------------------------------------------------------------------------------------------------------

STORED = ["_read", "_acl.read.access", "_op", "user_id", "_id", "a..b", "a.$b", "$a", "a.0", "a\0", "", ".", "a.", "a.b.c.d.e.f", "_v.x"]


@pytest.mark.parametrize("path", STORED)
def test_stored_path_is_refused(path: str) -> None:
    assert len(problems(lambda: cq.ClassSchema("x", {"s": cq.String(stored=path)}))) == 1


@pytest.mark.parametrize("path", ["a", "a.b", "a.b.c.d.e", "_class", "0", "a.b0", "a.0b", "limit", "a.user_id", "a._read", "a-b", "é.ü"])
def test_stored_path_is_taken(path: str) -> None:
    schema = cq.ClassSchema("x", {"s": cq.String(stored=path)})
    assert cq.translate("s=1", schema, actor=cq.ADMIN).filter == {path: {"$eq": "1"}}


def test_every_wrong_path_is_listed() -> None:
    fields = {f"f{number}": cq.String(stored=path) for number, path in enumerate(STORED)}
    assert {each.partition(":")[0] for each in problems(lambda: cq.ClassSchema("x", fields))} == set(fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"a": cq.String, "b": cq.String(stored="a")},
        {"a": cq.String(stored="x.y"), "b": cq.String(stored="x.y")},
        {"a": cq.String, "b": cq.String(stored="a.b")},
        {"a": cq.String(stored="b.c"), "b": cq.String},
        {"a": cq.String(stored="x.y.z"), "b": cq.String(stored="x.y")},
        {"o": cq.Object({"c": cq.String}), "b": cq.String(stored="o.zip")},
        {"o": cq.Object({"c": cq.String, "d": cq.String(stored="c")})},
        {"o": cq.Object({"c": cq.String}, stored="p"), "b": cq.String(stored="p.c")},
    ],
    ids=str,
)
def test_stored_paths_may_not_meet(fields: dict[str, Any]) -> None:
    assert any("meets" in each for each in problems(lambda: cq.ClassSchema("x", fields)))


@pytest.mark.parametrize(
    "fields",
    [{"a": cq.String(stored="x.y"), "b": cq.String(stored="x.yz")}, {"a": cq.String(stored="b"), "b": cq.String(stored="a")}],
    ids=str,
)
def test_stored_paths_side_by_side(fields: dict[str, Any]) -> None:
    assert list(cq.ClassSchema("x", fields).fields) == list(fields)


def test_stored_path_inside_an_object_is_relative() -> None:
    schema = cq.ClassSchema("x", {"o": cq.Object({"city": cq.String(stored="t.c")}, stored="p.q")})
    assert cq.translate("o[city]=a", schema, actor=cq.ADMIN).filter == {"p.q.t.c": {"$eq": "a"}}


# --- types and options ------------------------------------------------------------------------------------------------------------

TAKES: Mapping[str, set[str]] = {
    "Integer": {"required", "default", "stored", "choices", "minimum", "maximum"},
    "Float": {"required", "default", "stored", "choices", "minimum", "maximum"},
    "String": {"required", "default", "stored", "choices", "max_length"},
    "Boolean": {"required", "default", "stored"},
    "Date": {"required", "default", "stored", "minimum", "maximum", "resolution"},
    "Location": {"required", "default", "stored"},
    "File": {"stored"},
    "Object": {"required", "stored"},
    "Integer_a": {"required", "default", "stored", "choices", "minimum", "maximum", "max_length"},
    "Float_a": {"required", "default", "stored", "choices", "minimum", "maximum", "max_length"},
    "String_a": {"required", "default", "stored", "choices", "max_length"},
    "Boolean_a": {"required", "default", "stored", "max_length"},
    "Array": {"required", "default", "stored", "choices", "max_length"},
}
PLAUSIBLE: Mapping[str, Any] = {"required": True, "stored": "p", "max_length": 5, "resolution": "ms"}
ONE: Mapping[str, Any] = {
    "Integer": 1,
    "Float": 1.5,
    "String": "a",
    "Boolean": True,
    "Date": "2000-01-01",
    "Location": [1, 2],
    "File": "a",
    "Object": {},
}
OPTIONS = sorted(set().union(*TAKES.values()))


@pytest.mark.parametrize("option", OPTIONS)
@pytest.mark.parametrize("name", TAKES)
def test_options_by_type(name: str, option: str) -> None:
    element = ONE["String" if name == "Array" else name.removesuffix("_a")]
    own = [element] if option == "choices" else [element] if option == "default" and name.endswith(("_a", "Array")) else element
    field = {"type": name, option: PLAUSIBLE.get(option, own)} | ({"fields": {"s": "String"}} if name == "Object" else {})
    definition = {"name": "x", "fields": {"f": field}}
    if option in TAKES[name]:
        assert cq.ClassSchema.from_json(definition).fields["f"].type.options == {option: PLAUSIBLE.get(option, own)}
    else:
        assert len(problems(lambda: cq.ClassSchema.from_json(definition))) == 1


@pytest.mark.parametrize(
    "build",
    [
        lambda: cq.Boolean(minimum=1),
        lambda: cq.String(resolution="ms"),
        lambda: cq.File(required=True),
        lambda: cq.Object({"s": cq.String}, default={}),
        lambda: cq.Integer(requird=True),
        lambda: cq.Array(cq.Boolean, choices=[True]),
        lambda: cq.Array(cq.String, minimum=1),
    ],
)
def test_unknown_option_in_python(build: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match="has no option"):
        build()


@pytest.mark.parametrize(
    "element", [cq.Date, cq.Location, cq.File, cq.Array(cq.String), cq.Object({"s": cq.String}), cq.Integer(minimum=1)], ids=str
)
def test_elements_of_an_array(element: Any) -> None:
    assert problems(lambda: cq.Array(element))


def test_choices_are_cast() -> None:
    schema = cq.ClassSchema("x", {"s": cq.String(choices=[1, "b"]), "n": cq.Integer(choices=["1", 2])})
    for body in ({"s": 1}, {"s": "1"}, {"s": "b"}, {"n": 1}, {"n": "2"}):
        assert cq.parse(body, schema, place="update")
    for body in ({"s": "2"}, {"n": 3}):
        with pytest.raises(cq.RequestError, match="not one of the choices"):
            cq.parse(body, schema, place="update")


def test_default_null_is_no_value() -> None:
    schema = cq.ClassSchema("x", {"n": cq.Integer(default=None)})
    assert cq.parse({}, schema, place="create").values == ()


def test_four_objects_and_not_five() -> None:
    def nested(depth: int) -> cq.Object:
        return cq.Object({"o": nested(depth - 1) if depth > 1 else cq.String})

    assert cq.translate("a[o][o][o][o]=x", cq.ClassSchema("x", {"a": nested(4)}), actor=cq.ADMIN).filter == {"a.o.o.o.o": {"$eq": "x"}}
    assert len(problems(lambda: cq.ClassSchema("x", {"a": nested(5)}))) == 1


def test_options_judge_writing_only() -> None:
    plan = cq.translate("stars[lt]=99&kind=pub&title=Rooftop", PLACE, actor=cq.ADMIN)
    assert plan.filter == {"$and": [{"stars": {"$lt": 99}}, {"kind": {"$eq": "pub"}}, {"title": {"$eq": "Rooftop"}}]}


# --- class permissions and strategies ---------------------------------------------------------------------------------------------


def test_class_defaults() -> None:
    levels = cq.ClassSchema("x", {}).permissions
    assert {action: (level.access, level.primary) for action, level in levels.items()} == {
        "create": ("open", True),
        "read": ("open", False),
        "update": ("owner", False),
        "delete": ("owner", False),
    }


def test_class_only_defaults() -> None:
    levels = cq.ClassSchema("x", {}, acl="class").permissions
    assert {action: (level.access, level.primary) for action, level in levels.items()} == {
        "create": ("open", True),
        "read": ("open", True),
        "update": ("not_allowed", True),
        "delete": ("not_allowed", True),
    }


NO_SWITCHES: tuple[Any, ...] = ("false", 1, 0, None, [])
WRONG_LEVELS: list[Any] = [
    *({"read": {"access": access}} for access in ("Open", "opne", "", None, ["open"], 1, True)),
    *({"read": {"access": "open", "primary": primary}} for primary in NO_SWITCHES),
    {"reed": {"access": "open"}},
    {"create": {"access": "owner"}},
    {"create": {"access": "owner", "primary": True}},
    {"read": {"access": "not_allowed"}},
    {"update": {"access": "open_for_groups", "primary": True}},
    {"update": {"access": "open_for_groups", "primary": True, "groups": []}},
    {"update": {"access": "open_for_users_ids", "users_ids": "1"}},
    {"update": {"access": "open_for_users_ids", "users_ids": [1], "ids": [2]}},
    {"update": None},
    [],
    "open",
]


@pytest.mark.parametrize("permissions", WRONG_LEVELS, ids=str)
def test_wrong_word_never_opens_a_class(permissions: Any) -> None:
    assert problems(lambda: cq.ClassSchema("x", {}, permissions=permissions))
    assert problems(lambda: cq.ClassSchema.from_json({"name": "x", "fields": {}, "permissions": permissions}))


@pytest.mark.parametrize("spelling", ["ids", "users_ids", "user_ids"])
def test_spellings_of_user_lists(spelling: str) -> None:
    schema = cq.ClassSchema("x", {}, permissions={"read": {"access": "open_for_users_ids", spelling: [5, "7"], "primary": True}})
    assert cq.translate("", schema, actor=cq.Actor(7)).filter == {}
    assert cq.translate("", schema, actor=cq.Actor(8)).filter == {"_id": {"$in": []}}


@pytest.mark.parametrize("spelling", ["groups", "users_groups", "user_groups"])
def test_spellings_of_group_lists(spelling: str) -> None:
    schema = cq.ClassSchema("x", {}, permissions={"read": {"access": "open_for_groups", spelling: ["a"], "primary": True}})
    assert cq.translate("", schema, actor=cq.Actor(7, ["a"])).filter == {}
    assert cq.translate("", schema, actor=cq.Actor(7, ["A"])).filter == {"_id": {"$in": []}}


def test_default_for_an_empty_list_is_the_owner() -> None:
    level = cq.ClassSchema("x", {}, permissions={"read": {"access": "open_for_groups", "groups": []}}).permissions["read"]
    assert (level.access, level.groups, level.primary) == ("open_for_groups", (), False)


WRONG_STRATEGIES: list[Any] = [
    "token", "", {}, {"shared": []}, {"owner": "nope"}, {"owner": "f"}, {"owner": "tags"}, {"owner": "n", "shared": ["n"]},
    {"owner": "n", "shared": ["tags"]}, {"owner": "n", "shared": ["nope"]}, {"owner": "n", "shared": "nums"}, {"owner": "n", "more": 1},
    {"owner": None}, {"owner": "_id"}, {"owner": "created_at"},
]  # fmt: skip


@pytest.mark.parametrize("acl", WRONG_STRATEGIES, ids=str)
def test_strategy_is_refused(acl: Any) -> None:
    assert problems(lambda: cq.ClassSchema("x", ITEM_FIELDS, acl=acl))


@pytest.mark.parametrize(
    "acl", [{"owner": "n"}, {"owner": "user_id"}, {"owner": "n", "shared": ["nums"]}, {"owner": "s", "shared": ["tags"]}], ids=str
)
def test_strategy_is_taken(acl: Any) -> None:
    assert cq.ClassSchema("x", ITEM_FIELDS, acl=acl).strategy.kind == "owner"


def test_owner_field_of_another_user_id_type_is_refused() -> None:
    schema = cq.ClassSchema("x", ITEM_FIELDS, acl={"owner": "s"})
    assert problems(lambda: cq.translate("", schema, actor=cq.Actor(1)))
    assert cq.translate("", schema, actor=cq.Actor("a"), settings=cq.Settings(user_id_type="String")).filter == {"s": {"$eq": "a"}}


def test_levels_under_an_owner_field_are_primary() -> None:
    level = {"access": "open_for_groups", "groups": ["a"]}
    assert problems(lambda: cq.ClassSchema("x", ITEM_FIELDS, acl={"owner": "n"}, permissions={"read": level}))
    taken = cq.ClassSchema("x", ITEM_FIELDS, acl={"owner": "n"}, permissions={"read": {**level, "primary": True}})
    assert taken.permissions["read"].primary


@pytest.mark.parametrize("action", ["read", "update", "delete"])
def test_class_only_knows_no_owner(action: str) -> None:
    for primary in (False, True):
        level = {action: {"access": "owner", "primary": primary}}
        assert problems(lambda level=level: cq.ClassSchema("x", ITEM_FIELDS, acl="class", permissions=level))  # type: ignore[misc]


# --- JSON -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schema", [*SCHEMAS.values(), cq.ClassSchema.from_json(FULL)], ids=lambda schema: schema.name)
def test_json_and_back(schema: cq.ClassSchema) -> None:
    text = json.dumps(schema.to_json())
    for again in (cq.ClassSchema.from_json(text), cq.ClassSchema.from_json(text.encode()), cq.ClassSchema.from_json(json.loads(text))):
        assert again == schema
        assert again.hash == schema.hash
        assert again.to_json() == schema.to_json()
        assert {name: field.type for name, field in again.fields.items()} == {name: field.type for name, field in schema.fields.items()}


def test_full_definition_is_kept() -> None:
    kept = cq.ClassSchema.from_json(FULL).to_json()
    assert kept["fields"] == {**FULL["fields"], "tags": "String_a"}
    assert {key: kept[key] for key in FULL if key != "fields"} == {key: FULL[key] for key in FULL if key != "fields"}


def test_short_and_long_forms_are_one_class() -> None:
    short = cq.ClassSchema.from_json({"name": "x", "fields": {"a": "Integer", "b": "Array"}})
    long = cq.ClassSchema.from_json(
        {
            "name": "x",
            "fields": {"a": {"type": "Integer"}, "b": {"type": "String_a"}},
            "permissions": {},
            "acl": "tokens",
            "id_type": "ObjectId",
        }
    )
    python = cq.ClassSchema("x", {"a": cq.Integer(), "b": cq.Array(cq.String)})
    assert short == long == python
    assert short.hash == long.hash == python.hash
    assert len({short, long, python}) == 1


DIFFERENT: list[cq.ClassSchema] = [
    cq.ClassSchema("x", {"a": cq.Integer}),
    cq.ClassSchema("y", {"a": cq.Integer}),
    cq.ClassSchema("x", {"a": cq.Float}),
    cq.ClassSchema("x", {"b": cq.Integer}),
    cq.ClassSchema("x", {"a": cq.Integer(minimum=1)}),
    cq.ClassSchema("x", {"a": cq.Integer(stored="b")}),
    cq.ClassSchema("x", {"a": cq.Integer(default=1)}),
    cq.ClassSchema("x", {"a": cq.Array(cq.Integer)}),
    cq.ClassSchema("x", {"a": cq.Integer}, id_type="Integer"),
    cq.ClassSchema("x", {"a": cq.Integer}, acl="class"),
    cq.ClassSchema("x", {"a": cq.Integer}, acl={"owner": "a"}),
    cq.ClassSchema("x", {"a": cq.Integer}, parents=[]),
    cq.ClassSchema("x", {"a": cq.Integer}, parents=["x"]),
    cq.ClassSchema("x", {"a": cq.Integer}, private_majority=True),
    cq.ClassSchema("x", {"a": cq.Integer}, permissions={"read": {"access": "owner"}}),
]


def test_hash_tells_classes_apart() -> None:
    assert len({schema.hash for schema in DIFFERENT}) == len(set(DIFFERENT)) == len(DIFFERENT)


def test_hash_is_the_content_alone() -> None:
    """It does not depend on the order of keys, on what was asked of the class, or on the run."""
    shuffled = dict(reversed(list(FULL.items())))
    shuffled["permissions"] = dict(reversed(FULL["permissions"].items()))
    schema = cq.ClassSchema.from_json(FULL)
    before = schema.hash
    cq.translate("age=1", schema, actor=cq.ADMIN)
    assert schema.hash == before == cq.ClassSchema.from_json(shuffled).hash
    assert cq.ClassSchema("x", {"a": cq.Integer}).hash == DIFFERENT[0].hash
    assert len(before) == 64


def test_definition_is_not_kept_by_reference() -> None:
    permissions = {"read": {"access": "open_for_users_ids", "users_ids": [1], "primary": True}}
    schema = cq.ClassSchema("x", {}, permissions=permissions)
    before = (schema.hash, json.dumps(schema.to_json()))
    permissions["read"]["users_ids"] = [2]
    assert (schema.hash, json.dumps(schema.to_json())) == before
    schema.to_json()["permissions"]["read"]["access"] = "open"
    assert json.dumps(schema.to_json()) == before[1]


def test_classes_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "classes.json"
    path.write_text(json.dumps({"classes": [schema.to_json() for schema in (PLACE, ORDER, KINDS)]}), encoding="utf-8")
    assert cq.load_classes(path) == {schema.name: schema for schema in (PLACE, ORDER, KINDS)}
    path.write_text(json.dumps(PLACE.to_json()), encoding="utf-8")
    assert cq.load_classes(path) == {"place": PLACE}


@pytest.mark.parametrize("text", ["", "[", "[]", '"x"', "{}", '{"classes": {}}', '{"classes": [1]}', '{"classes": [{"name": "x"}]}',
                                  '{"classes": [{"name": "x", "fields": {}}, {"name": "x", "fields": {}}]}',
                                  '{"classes": [], "colour": "red"}', '{"classes": [{"name": "x", "fields": {}, "parents": ["y"]}]}',
                                  '{"classes": ' + "[" * 100_000])  # fmt: skip
def test_files_that_are_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "classes.json"
    path.write_text(text, encoding="utf-8")
    assert problems(lambda: cq.load_classes(path))


def test_every_fault_of_a_file_says_its_class(tmp_path: Path) -> None:
    path = tmp_path / "classes.json"
    path.write_text('{"classes": [{"name": "x", "fields": {"a": "Text"}}, {"name": "y", "fields": {}}, 5]}', encoding="utf-8")
    assert problems(lambda: cq.load_classes(path)) == ("class x: a: unknown type 'Text'", "class 3: a class is a JSON object")


ID_TYPES = ("ObjectId", "Integer", "String")
ASKED = {"ObjectId": ("650000000000000000000001", "5"), "Integer": ("5", "x"), "String": ("x", "a/b")}


@pytest.mark.parametrize("own", ID_TYPES)
@pytest.mark.parametrize("above", ID_TYPES)
def test_parents_give_their_ids(own: str, above: str) -> None:
    """`_parent_id` is of the parents' type, `_id` of the class's own; a class alone takes parents to be of its own type."""
    child = cq.ClassSchema("child", {"n": cq.Integer}, id_type=own, parents=["top"])
    placed = together([child, cq.ClassSchema("top", {}, id_type=above)])["child"]
    for schema, kind in ((child, own), (placed, above), (placed.under({"n"}), above)):
        good, bad = ASKED[kind]
        assert cq.translate(f"_parent_id={good}", schema, actor=cq.ADMIN).kind == "list"
        with pytest.raises(cq.RequestError):
            cq.translate(f"_parent_id={bad}", schema, actor=cq.ADMIN)
        assert cq.translate(f"_id={ASKED[own][0]}", schema, actor=cq.ADMIN).kind == "list"
    assert (placed, placed.hash) == (child, child.hash)
    assert placed is child.with_parents_of(above)
    assert placed.under({"n"}) is child.under({"n"}).with_parents_of(above)
    assert child.under({"n"}).fixed == {"n"} == placed.under({"n"}).fixed
    assert (placed is child) == (own == above) == (placed.memory is child.memory)


@pytest.mark.parametrize(("parents", "problem"), [(["a", "b"], "class x: parents are of several id types, Integer and ObjectId"),
                                                  (["a", "c"], "class x: parents ['c'] are unknown")])  # fmt: skip
def test_parents_that_cannot_be(parents: list[str], problem: str) -> None:
    schemas = [cq.ClassSchema("x", {}, parents=parents), cq.ClassSchema("a", {}), cq.ClassSchema("b", {}, id_type="Integer")]
    assert problems(lambda: together(schemas)) == (problem,)
    assert problems(lambda: cq.Engine(cq.MemoryStore(), schemas)) == (problem,)
    assert problems(lambda: schemas[0].with_parents_of("Uuid"))


def test_definition_that_is_no_json() -> None:
    assert problems(lambda: cq.ClassSchema.from_json("{"))


def test_every_fault_of_a_definition() -> None:
    """Names, types, options, paths, rights and keys, in one refusal."""
    definition = {
        "name": "a b",
        "fields": {
            "_x": "String", "limit": "Integer", "t": "Text", "m": {"type": "String", "minimum": 1},
            "d": {"type": "Integer", "default": "x"},
            "r": {"type": "Integer", "required": True, "default": None}, "p": {"type": "String", "stored": "_read"},
            "o": {"type": "Object", "fields": {"a.b": "String", "ok": "String"}}, "q": {"type": "String", "stored": "o.ok"},
        },
        "permissions": {"reed": {"access": "open"}, "create": {"access": "owner"}, "read": {"access": "opne"}},
        "acl": "token", "id_type": "Uuid", "parents": "item", "private_majority": 1, "scopes": [], "relations": 5, "colour": "red",
    }  # fmt: skip
    found = problems(lambda: cq.ClassSchema.from_json(definition))
    expected = [
        "name:", "_x:", "limit:", "t:", "m:", "d:", "r:", "p:", "o[a.b]:", "q:", "permissions: unknown action 'reed'",
        "permissions: create:",
        "permissions: read:", "acl:", "id_type:", "parents:", "private_majority:", "scopes:", "relations:", "unknown key 'colour'",
    ]  # fmt: skip
    assert [each for each in expected if not any(problem.startswith(each) for problem in found)] == []
    assert [problem for problem in found if not problem.startswith(tuple(expected))] == []
    assert len(found) == len(set(found))
