"""The traps that concern rights, the host's scope and definitions of classes, by row number, at both ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from pymongo.collection import Collection

import cubequery as cq
from tests.support.ends import exact, fill, found, sent
from tests.support.fixture import ACTORS, IDS, ITEM, ITEM_FIELDS, NOW, default_rights, document, items
from tests.support.mongod import Document
from tests.support.traps import refusal, told
from tests.test_trap_updates import Put, changed

ROWS = {69, 75, 101, 103, 104, 105, 113, 114}
"""Rows that this file holds."""

# --- rights -----------------------------------------------------------------------------------------------------------------------


def on_both(plan: cq.Plan, records: Sequence[Document], collection: Collection[Document]) -> str:
    """The ids that both ends find among these records."""
    fill(collection, records)
    ends = [sorted(str(each["_id"]) for each in answer) for answer in (plan.select(records), collection.find(**plan.find_args()))]
    assert ends[0] == ends[1]
    return " ".join(ends[0])


def test_groups_and_ids_that_look_like_tokens(scratch: Collection[Document]) -> None:
    """Row 69: a group called `*` or `u60001` opens nothing."""
    records: list[Document] = [{"_id": 1, **default_rights(1), "_read": ["g*"]}, {"_id": 2, **default_rights(1), "_read": ["gu60001"]}]
    assert on_both(cq.translate("", ITEM, actor=ACTORS["W"]), records, scratch) == ""
    assert on_both(cq.translate("", ITEM, actor=cq.Actor(5, ["*", "u60001"])), records, scratch) == "1 2"


def test_text_user_ids(scratch: Collection[Document]) -> None:
    """Row 105: an actor called `*` has the token `u*` and no other right."""
    settings = cq.Settings(user_id_type="String")
    records: list[Document] = [{"_id": 1, "_read": ["u*"]}, {"_id": 2, "_read": ["u51941"]}, {"_id": 3, "_read": ["*"]}]
    for name, expected in (("*", "1 3"), ("a", "3")):
        assert on_both(cq.translate("", ITEM, actor=cq.Actor(name), settings=settings), records, scratch) == expected
    level = {"permissions": {"read": {"access": "open_for_users_ids", "ids": [5]}}}
    refusal(
        lambda: cq.parse(level, ITEM, place="create", settings=settings),
        '422 permissions permissions ["permissions","read","ids"]: Field ids should be an array',
    )
    start: Document = {**document("A"), "user_id": "me", "_read": ["*"], "_update": ["ume"], "_delete": ["ume"]}
    level["permissions"]["read"]["ids"] = ["*"]
    change = cq.translate_update(level, ITEM, actor=cq.Actor("me"), settings=settings, id=str(start["_id"]), now=NOW)
    for after in (change.apply(start), sent(change, scratch, start)):
        assert after is not None
        assert after["_read"] == ["u*", "ume"]


def test_drifted_rights(scratch: Collection[Document]) -> None:
    """Row 101: the tokens decide, `_acl` never admits anybody."""
    drifted = {**document("H"), "_acl": {"read": {"access": "open"}}}
    assert on_both(cq.translate("", ITEM, actor=ACTORS["O"]), [drifted], scratch) == ""
    assert on_both(cq.translate("", ITEM, actor=ACTORS["S"]), [drifted], scratch) == str(IDS["H"])


@pytest.mark.parametrize("update_level", [["*"], ["u51941", "u47592"]])
def test_new_parent_needs_the_right_to_delete(update_level: list[str], scratch: Collection[Document]) -> None:
    """Row 75."""
    start = {**document("A"), "_update": update_level}
    body = {"_parent_id": str(IDS["H"])}
    change = cq.translate_update(body, ITEM, actor=ACTORS["S"], id=str(IDS["A"]), now=NOW)
    refusal(lambda: change.apply(start), "403 forbidden base")
    assert sent(change, scratch, start) is None
    owner = cq.translate_update(body, ITEM, actor=ACTORS["O"], id=str(IDS["A"]), now=NOW)
    assert owner.apply(document("A"))["_parent_id"] == IDS["H"]


# --- host scope -------------------------------------------------------------------------------------------------------------------


def scoped_items() -> list[Document]:
    """Row 103: A and B lie in one application, C and D in another, H in none."""
    return [{**each, **({"app": 1 if number < 2 else 2} if number < 4 else {})} for number, each in enumerate(items())]


@pytest.mark.parametrize(("request_text", "actor", "expected"), [("", "O", "A B"), ("count=1", "O", "2"), ("", "admin", "A B"),
                                                                 (f"_id={IDS['C']}", "admin", "-"), ("n[ne]=1", "O", "B")])  # fmt: skip
def test_scope_of_searches(request_text: str, actor: str, expected: str, scratch: Collection[Document]) -> None:
    """Row 103."""
    plan = cq.translate(request_text, ITEM, actor=ACTORS[actor], where={"app": 1})
    fill(scratch, scoped_items())
    for answer in (plan.run(scoped_items()), found(plan, scratch)):
        assert told(answer, expected)


def test_scope_of_updates(scratch: Collection[Document]) -> None:
    """Rows 103 and 104: outside is missing, for admin too; the scope's own field never changes."""
    inside, outside = scoped_items()[0], scoped_items()[2]
    for actor in ("O", "admin"):
        change = changed(Put(103, "C", '{"n":7}', "", actor=actor), outside, where={"app": 1})
        refusal(lambda change=change: change.apply(outside), "404 not_found base")  # type: ignore[misc]  # a default binds it now
        assert sent(change, scratch, outside) is None
        kept = changed(Put(104, "A", '{"app":2}', "", actor=actor, schema="with app"), inside, where={"app": 1})
        assert exact(kept.apply(inside)) == exact(sent(kept, scratch, inside)) == exact(inside)
        refusal(
            lambda actor=actor: changed(Put(104, "A", '{"inc":{"app":1}}', "", actor=actor, schema="with app"), inside, where={"app": 1}),  # type: ignore[misc]
            "422 operator_type app",
        )
    refusal(lambda: changed(Put(104, "A", '{"app":2}', ""), inside, where={"app": 1}), '422 unknown_field app ["app"]')


# --- classes ----------------------------------------------------------------------------------------------------------------------


def test_class_only_owner_level() -> None:
    """Row 113: under class only no level can mean the owner."""
    with pytest.raises(cq.DefinitionError, match="owner"):
        cq.ClassSchema("item", ITEM_FIELDS, acl="class", permissions={"update": {"access": "owner"}})


STORED_PATHS = ["_read", "user_id", "a..b", "a.$b", "a.0"]


def test_definition_with_every_fault() -> None:
    """Row 114: all faults of one definition are listed."""
    nested: Any = "String"
    for _ in range(5):
        nested = {"type": "Object", "fields": {"x": nested}}
    fields: Document = {f"f{number}": {"type": "String", "stored": path} for number, path in enumerate(STORED_PATHS)}
    fields |= {"p": "String", "b": {"type": "String", "stored": "p.b"}, "low": {"type": "String", "minimum": 1}, "deep": nested}
    with pytest.raises(cq.DefinitionError) as caught:
        cq.ClassSchema.from_json({"name": "x", "fields": fields})
    wanted = [*(f"f{number}" for number in range(len(STORED_PATHS))), "b", "low", "deep[x][x][x][x]"]
    assert sorted(problem.partition(":")[0] for problem in caught.value.problems) == sorted(wanted)


# --- owners that an admin sets ----------------------------------------------------------------------------------------------------

LISTED = {"update": {"access": "open_for_users_ids", "users_ids": ["47592"]}}
OWNERS: list[tuple[Document, Document, Document]] = [
    ({"user_id": 47592, **default_rights(47592)}, {"user_id": None}, {"_read": ["*"], "_update": [], "_delete": []}),
    (
        {"user_id": 47592, **default_rights(47592), "_acl": LISTED},
        {"user_id": None},
        {"_read": ["*"], "_update": ["u47592"], "_delete": [], "_acl": LISTED},
    ),
    (
        {"user_id": 47592, **default_rights(47592)},
        {"user_id": None, "permissions": {"delete": {"access": "owner"}, "read": {"access": "owner"}}},
        {"_read": [], "_update": [], "_delete": [], "_acl": {"read": {"access": "owner"}}},
    ),
    (
        {"user_id": "abc", "_read": ["uabc"], "_update": ["*"]},
        {"user_id": 5},
        {"user_id": 5, "_read": ["uabc", "u5"], "_update": ["*"]},
    ),
    (
        {"user_id": "abc"},
        {"permissions": {"read": {"access": "owner"}}},
        {"user_id": "abc", "_read": [], "_acl": {"read": {"access": "owner"}}},
    ),
    ({"user_id": 5, "created_at": NOW}, {"created_at": None, "updated_at": None, "n": 1}, {"user_id": 5, "n": 1}),
]


@pytest.mark.parametrize(("stored", "body", "wanted"), OWNERS)
def test_an_owner_that_is_unset_or_foreign(stored: Document, body: Document, wanted: Document, scratch: Collection[Document]) -> None:
    """Null unsets; tokens follow, and a foreign owner has none."""
    start = {"_id": IDS["A"], **stored}
    change = cq.translate_update(body, ITEM, actor=cq.ADMIN, id=str(IDS["A"]), now=NOW)
    after = change.apply(start)
    assert exact(after) == exact({"_id": IDS["A"], **wanted, "updated_at": NOW})
    assert exact(sent(change, scratch, start)) == exact(after)
