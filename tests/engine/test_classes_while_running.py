"""Classes that change while engines run: seen by every other engine's next request, whole, and never overwritten in silence."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from bson import ObjectId

import cubequery as cq
from tests.engine.shelves import CollectionShelf, FileShelf, Hands, Shelf

ANN, BOB = cq.Actor(1), cq.Actor(2)
FIELDS = {"name": cq.String, "age": cq.Integer}
OPEN = cq.ClassSchema("pet", FIELDS)
CLOSED = cq.ClassSchema("pet", FIELDS, permissions={"read": {"access": "owner", "primary": True}})
OLDER = cq.ClassSchema("pet", {"name": cq.String, "age": cq.Float, "chip": cq.String})
OTHER = cq.ClassSchema("pet", {"name": cq.String, "age": cq.String})
TOY = cq.ClassSchema("toy", {"label": cq.String}, parents=["pet"])
CAT = {"name": "cat", "fields": {}}


def names(engine: Any, actor: cq.Actor = BOB, query: str = "") -> list[Any]:
    """The names of the pets that somebody sees."""
    return [each["name"] for each in engine.list("pet", query, actor)["items"]]


@pytest.fixture
def filled(shelf: Shelf) -> Shelf:
    """A shelf with the open class, and one pet of Ann's in the store."""
    shelf.put(OPEN, TOY)
    shelf.engine(Hands()).create("pet", {"name": "Rex", "age": 3}, ANN)
    return shelf


def test_a_change_is_seen_after_max_age(filled: Shelf) -> None:
    """Permissions are taken away: the other engine's next request that starts later than `max_age` obeys; no record is rewritten."""
    here, there = Hands(), Hands()
    one, other = filled.engine(here), filled.engine(there)
    assert names(one) == names(other) == ["Rex"]
    before = list(filled.store.records("pet").values())
    diff = one.define(CLOSED)
    assert (diff.verdict, [each.what for each in diff.differences]) == ("compatible", ["permissions read"])
    assert names(one) == []
    there.seconds += 0.999
    assert names(other) == ["Rex"]
    there.seconds += 0.001
    assert names(other) == names(other.scoped({"app": 1})) == []
    assert names(other, ANN) == ["Rex"]
    assert list(filled.store.records("pet").values()) == before
    assert filled.kept()["pet"] == CLOSED.to_json()
    assert filled.kept()["toy"] == TOY.to_json()


def test_scoped_engines_share_the_source(filled: Shelf) -> None:
    """A define through a scoped engine is everybody's, and a scoped engine that is older than it sees it."""
    engine = filled.engine(Hands())
    scoped = engine.scoped({"app": 1})
    scoped.create("pet", {"name": "Tom"}, ANN)
    assert names(scoped) == ["Tom"]
    engine.scoped({"app": 2}).define(CLOSED)
    assert names(scoped) == names(engine) == []
    assert names(scoped, ANN) == ["Tom"]
    assert {"pet", "toy"} == set(scoped.engine.classes if filled.runner else scoped.classes)


def test_a_class_by_another_hand(filled: Shelf) -> None:
    """A program that writes the file or the collection itself: new classes are served, those that are gone are unknown."""
    clock = Hands()
    engine = filled.engine(clock)
    with pytest.raises(cq.RequestError, match="Undefined class"):
        engine.list("cat", "", ANN)
    filled.put(cq.ClassSchema("cat", {}), OPEN)
    clock.seconds += 1
    assert engine.list("cat", "", ANN)["items"] == []
    with pytest.raises(cq.RequestError, match="Undefined class"):
        engine.create("toy", {}, ANN)


def test_what_define_refuses(filled: Shelf) -> None:
    """Nothing is kept of a definition that is refused."""
    engine = filled.engine(Hands())
    before = filled.kept()
    refused: list[tuple[cq.ClassSchema, dict[str, Any], str]] = [
        (OTHER, {}, "class pet: field age: Integer becomes String.*(incompatible)"),
        (OLDER, {"allow": "compatible"}, "class pet: field age: Integer becomes Float.*(needs_scan)"),
        (cq.ClassSchema("bone", {}, parents=["dog", "pet"]), {}, r"class bone: parents \['dog'\] are unknown"),
        (cq.ClassSchema("pet", FIELDS, parents=["dog"]), {}, r"class pet: parents \['dog'\] are unknown"),
        (cq.ClassSchema("pet", {"own": cq.String}, acl={"owner": "own"}), {"allow": "incompatible"}, "not of the user id type Integer"),
    ]
    for schema, options, text in refused:
        with pytest.raises(cq.DefinitionError, match=text):
            engine.define(schema, **options)
    with pytest.raises(ValueError, match="allow must be one of compatible, needs_scan, incompatible"):
        engine.define(OPEN, allow="all")
    assert filled.kept() == before
    assert names(engine) == ["Rex"]


def test_parents_stay_of_one_id_type(filled: Shelf) -> None:
    """Also where the class that is defined is the parent."""
    engine = filled.engine(Hands())
    engine.define(cq.ClassSchema("box", {}))
    engine.define(cq.ClassSchema("toy", {"label": cq.String}, parents=["pet", "box"]))
    with pytest.raises(cq.DefinitionError, match="class toy: parents are of several id types, Integer and ObjectId"):
        engine.define(cq.ClassSchema("box", {}, id_type="Integer"), allow="incompatible")
    engine.define(cq.ClassSchema("toy", {"label": cq.String}, parents=["box"]))
    engine.define(cq.ClassSchema("box", {}, id_type="Integer"), allow="incompatible")
    with pytest.raises(cq.RequestError) as refused:
        engine.list("toy", f"_parent_id={ObjectId()}", ANN)
    assert refused.value.code == "wrong_type"
    assert engine.list("toy", "_parent_id=5", ANN)["items"] == []


def test_what_define_allows(filled: Shelf) -> None:
    engine = filled.engine(Hands())
    diff = engine.define(OLDER)
    assert (diff.verdict, str(diff).splitlines()[0]) == ("needs_scan", "class pet: needs_scan")
    assert names(engine, query="age[lt]=3.5&chip=null") == ["Rex"]
    assert engine.define(OTHER, allow="incompatible").verdict == "incompatible"
    assert names(engine, query="age=3") == []
    assert engine.define(OTHER).differences == ()
    assert engine.define(cq.ClassSchema("bone", {}, parents=["toy", "bone"])) == cq.SchemaDiff("bone")
    assert set(filled.kept()) == {"pet", "toy", "bone"}


def test_two_servers_do_not_overwrite_each_other(filled: Shelf) -> None:
    """Each defines from what it has read; the later one is told, reads again, and may define from that."""
    one, other = filled.engine(Hands()), filled.engine(Hands())
    names(one), names(other)
    one.define(CLOSED)
    with pytest.raises(cq.DefinitionConflict) as refused:
        other.define(OLDER)
    assert str(refused.value) == "class pet: was defined by somebody else since it was read; look at it again and define it anew"
    assert filled.kept()["pet"] == CLOSED.to_json()
    assert names(other) == []
    assert [each.what for each in other.define(OLDER).differences] == ["permissions read", "field age", "field chip"]
    with pytest.raises(cq.DefinitionConflict):
        one.define(OPEN)


def test_a_class_that_both_define_anew(filled: Shelf) -> None:
    """The same definition twice is no conflict: servers define their classes at the start. Another one of the name is."""
    one, other = filled.engine(Hands()), filled.engine(Hands())
    names(one), names(other)
    bone = cq.ClassSchema("bone", {"size": cq.Integer})
    assert one.define(bone) == other.define(bone) == cq.SchemaDiff("bone")
    third = filled.engine(Hands())
    names(third)
    one.define(cq.ClassSchema("cat", {}))
    with pytest.raises(cq.DefinitionConflict):
        third.define(cq.ClassSchema("cat", {"lives": cq.Integer}))
    third.define(cq.ClassSchema("dog", {}))
    assert set(filled.kept()) == {"pet", "toy", "bone", "cat", "dog"}


def test_a_definition_made_from_an_older_one(filled: Shelf) -> None:
    """`replaces` is the class that the editor began with: requests in between may have read a newer one."""
    engine = filled.engine(Hands())
    began = OPEN
    engine.define(CLOSED)
    with pytest.raises(cq.DefinitionConflict):
        engine.define(OLDER, replaces=began)
    with pytest.raises(cq.DefinitionConflict):
        engine.define(cq.ClassSchema("cat", {}), replaces=cq.ClassSchema("cat", {"lives": cq.Integer}))
    engine.define(OLDER, replaces=CLOSED)
    assert filled.kept()["pet"] == OLDER.to_json()


def test_an_unchanged_class_keeps_its_object(filled: Shelf) -> None:
    """And with it what is remembered of its names, also under a scope; the set stays the same object while nothing changes."""
    clock = Hands()
    engine = filled.engine(clock)
    own = engine.engine if filled.runner else engine
    engine.list("toy", "label=x", ANN)
    before, scoped = own.classes, own.scoped({"label": "x"}).classes["toy"]
    remembered = dict(before["toy"].memory)
    clock.seconds += 5
    engine.list("toy", "label=x", ANN)
    assert own.classes is before
    filled.put(TOY, CLOSED)
    clock.seconds += 5
    engine.list("pet", "", ANN)
    assert own.classes["toy"] is before["toy"]
    assert own.classes["pet"] is not before["pet"]
    assert remembered
    assert all(own.classes["toy"].memory[place] is reader for place, reader in remembered.items())
    assert own.scoped({"label": "x"}).classes["toy"] is scoped is not before["toy"]


BROKEN: list[tuple[str, list[Any], str]] = [
    ("a field", [{"name": "pet", "fields": {"name": "Text"}}], "class pet: name: unknown type 'Text'"),
    ("a parent", [OPEN.to_json(), {"name": "toy", "fields": {}, "parents": ["dog"]}], "class toy: parents ['dog'] are unknown"),
    ("the user ids", [{"name": "pet", "fields": {"own": "String"}, "acl": {"owner": "own"}}], "not of the user id type Integer"),
]


@pytest.mark.parametrize(("definitions", "text"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_broken_classes_leave_the_good_ones_in_force(
    filled: Shelf, definitions: list[Any], text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """All of them, not only the broken one; it is said once, nothing is defined over it, and what is mended is taken."""
    clock = Hands()
    engine = filled.engine(clock)
    assert names(engine) == ["Rex"]
    filled.put_json([*definitions, CAT])
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            clock.seconds += 1
            assert names(engine) == ["Rex"]
            with pytest.raises(cq.RequestError, match="Undefined class"):
                engine.list("cat", "", ANN)
    (said,) = [each for each in caplog.records if each.name == "cubequery.classes"]
    assert said.levelno == logging.ERROR
    assert text in said.getMessage()
    with pytest.raises(cq.DefinitionError, match="mend them there first"):
        engine.define(cq.ClassSchema("dog", {}))
    assert "dog" not in filled.kept()
    filled.put_json([CLOSED.to_json(), CAT])
    clock.seconds += 1
    assert names(engine) == []
    engine.define(cq.ClassSchema("dog", {}))
    assert set(filled.kept()) == {"pet", "cat", "dog"}


@pytest.mark.parametrize(("definitions", "text"), [row[1:] for row in BROKEN[:2]], ids=[row[0] for row in BROKEN[:2]])
def test_broken_classes_at_the_start(shelf: Shelf, definitions: list[Any], text: str) -> None:
    """They are told of where the program starts; there is nothing to stay with."""
    shelf.put_json(definitions)
    with pytest.raises(cq.DefinitionError) as refused:
        shelf.load(shelf.source(Hands()))
    assert text in str(refused.value)
    with pytest.raises(cq.DefinitionError):
        shelf.engine(Hands()).list("pet", "", ANN)


def test_a_source_that_is_empty(shelf: Shelf) -> None:
    """No class is a set of classes as well; the first define fills it."""
    if isinstance(shelf, FileShelf):
        shelf.put()
    engine = shelf.engine(Hands())
    with pytest.raises(cq.RequestError, match="Undefined class"):
        engine.list("pet", "", ANN)
    engine.define(OPEN)
    engine.create("pet", {"name": "Rex"}, ANN)
    assert names(shelf.engine(Hands())) == ["Rex"]


def test_a_list_of_classes_can_be_defined_upon(shelf: Shelf) -> None:
    """Classes given as they are live in the engine alone."""
    engine = shelf.over([OPEN])
    engine.create("pet", {"name": "Rex"}, ANN)
    engine.define(CLOSED)
    engine.define(TOY)
    assert names(engine) == []
    assert engine.list("toy", "", ANN)["items"] == []
    with pytest.raises(cq.DefinitionConflict):
        engine.define(OLDER, replaces=OPEN)


def test_two_classes_of_one_name_are_refused() -> None:
    with pytest.raises(cq.DefinitionError, match="two classes have one name"):
        cq.Engine(cq.MemoryStore(), [OPEN, CLOSED])


@pytest.mark.parametrize("max_age", [-1, float("nan"), True, "1", None])
def test_a_max_age_that_is_none(shelf: Shelf, max_age: Any) -> None:
    if isinstance(shelf, FileShelf | CollectionShelf):
        shelf.put(OPEN)
    with pytest.raises(cq.DefinitionError, match="max_age must be a number of seconds"):
        shelf.source(Hands(), max_age)
