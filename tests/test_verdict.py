"""Which rule decides, said in one sentence, over a record and without a store; and actors read from JSON."""

from __future__ import annotations

from typing import Any

import pytest

import cubequery as cq
from cubequery import acl
from cubequery.ast import EVERYTHING, NOTHING

U, OTHER, G, NOBODY, ROOT = cq.Actor(5), cq.Actor(6), cq.Actor(7, ["b", "a"]), cq.ANONYMOUS, cq.ADMIN
NAMES_NOBODY = "nothing names the actor: the record's tokens do not"
NO_FIELD = "nothing names the actor: neither the owner field nor a shared one does"


def shut(access: str, **more: Any) -> cq.ClassSchema:
    level = {"access": access, "primary": True, **more}
    creating = {} if access == "owner" else {"create": level}
    return cq.ClassSchema("shut", {"n": cq.Integer}, permissions={**creating, "read": level, "update": level, "delete": level})


OPEN, CLOSED, OWNED = shut("open"), shut("not_allowed"), shut("owner")
GROUPED, LISTED = shut("open_for_groups", groups=["z", "b", "a"]), shut("open_for_users_ids", users_ids=[5, 9])
EACH = cq.ClassSchema("each", {"n": cq.Integer})
BY_OWNER = cq.ClassSchema("by", {"who": cq.Integer, "guests": cq.Array(cq.Integer)}, acl={"owner": "who", "shared": ["guests"]})
BY_CLASS = cq.ClassSchema("by_class", {"n": cq.Integer}, acl="class")
TOKENS = {"_acl": 1, "_read": ["*"], "_update": ["u5", "ga"], "_delete": ["u6"], "user_id": 5}

TABLE: list[tuple[cq.ClassSchema, cq.Actor, str, dict[str, Any] | None, bool, str]] = [
    (OPEN, NOBODY, "read", {}, True, 'class level "open" is primary and everybody passes'),
    (OPEN, U, "create", None, True, 'class level "open" is primary and everybody passes'),
    (OPEN, NOBODY, "create", None, False, "an actor without user id changes nothing"),
    (CLOSED, U, "read", {"user_id": 5}, False, 'class level "not_allowed" is primary and nobody but admin passes'),
    (CLOSED, ROOT, "read", {}, True, "admin passes every check"),
    (CLOSED, NOBODY, "read", {}, False, 'class level "not_allowed" is primary and nobody but admin passes'),
    (OWNED, U, "read", {"user_id": 5}, True, 'class level "owner" is primary and the record is the actor\'s own'),
    (OWNED, U, "delete", {"user_id": 6}, False, 'class level "owner" is primary and the record is not the actor\'s own'),
    (OWNED, NOBODY, "read", {"user_id": 6}, False, 'class level "owner" is primary and the actor has no user id'),
    (GROUPED, G, "update", {}, True, 'class level "open_for_groups" is primary and the actor has group "a"'),
    (GROUPED, U, "update", {}, False, 'class level "open_for_groups" is primary and the actor has none of its groups'),
    (LISTED, U, "create", None, True, 'class level "open_for_users_ids" is primary and lists the actor'),
    (LISTED, OTHER, "read", {}, False, 'class level "open_for_users_ids" is primary and does not list the actor'),
    (EACH, OTHER, "read", TOKENS, True, 'the record\'s tokens let everybody pass ("*")'),
    (EACH, U, "update", TOKENS, True, 'the record\'s tokens name the actor ("u5")'),
    (EACH, G, "update", TOKENS, True, 'the record\'s tokens name the actor ("ga")'),
    (EACH, U, "delete", TOKENS, False, NAMES_NOBODY),
    (EACH, OTHER, "delete", TOKENS, True, 'the record\'s tokens name the actor ("u6")'),
    (EACH, NOBODY, "delete", TOKENS, False, "an actor without user id changes nothing"),
    (BY_OWNER, U, "read", {"who": 5, "guests": [6]}, True, 'the owner field "who" names the actor'),
    (BY_OWNER, OTHER, "update", {"who": 5, "guests": [6]}, True, 'the shared field "guests" names the actor'),
    (BY_OWNER, G, "delete", {"who": 5, "guests": [6]}, False, NO_FIELD),
    (BY_OWNER, NOBODY, "read", {}, False, NO_FIELD),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "actor", "action", "document", "allowed", "rule"), TABLE, ids=str)
def test_the_rule_that_decides(
    schema: cq.ClassSchema, actor: cq.Actor, action: str, document: dict[str, Any] | None, allowed: bool, rule: str
) -> None:
    found = cq.verdict(actor, action, schema, document)
    assert (found.allowed, found.rule) == (allowed, rule)
    assert bool(found) is allowed


def test_what_is_no_question() -> None:
    with pytest.raises(ValueError, match="create, read, update, delete"):
        cq.verdict(U, "open", EACH, {})
    document: Any
    for document in (None, [], "a"):
        for action in ("read", "update", "delete"):
            with pytest.raises(TypeError, match="record as stored"):
                cq.verdict(U, action, EACH, document)
    with pytest.raises(TypeError, match="must be a cubequery"):
        cq.verdict(5, "read", EACH, {})  # type: ignore[arg-type]
    with pytest.raises(cq.DefinitionError, match="type String here"):
        cq.verdict(U, "read", EACH, {}, settings=cq.Settings(user_id_type="String"))


def test_integer_user_ids_are_the_usual() -> None:
    assert acl.permitted(U, "read", OWNED) == acl.permitted(U, "read", OWNED, "Integer") != EVERYTHING
    assert acl.owned_by(U, EACH) == acl.owned_by(U, EACH, "Integer") != NOTHING
    assert acl.owned_by(NOBODY, EACH) == NOTHING == acl.owned_by(U, BY_CLASS)
    for actor, schema in ((U, LISTED), (ROOT, CLOSED), (U, OPEN)):
        assert acl.may_create(actor, schema)
    for actor, schema in ((OTHER, LISTED), (U, CLOSED), (NOBODY, OPEN)):
        assert not acl.may_create(actor, schema)


def test_a_class_that_lists_an_id_of_the_other_type() -> None:
    with pytest.raises(cq.DefinitionError, match="permissions: a user id is not of type String"):
        acl.may_create(cq.Actor("a"), LISTED, "String")


FROM_JSON: list[tuple[Any, cq.Actor]] = [
    ({"user_id": 5}, U),
    ({"user_id": "5"}, cq.Actor("5")),
    ({"user_id": None}, NOBODY),
    ({"user_id": 7, "groups": ["a", "b"], "admin": False}, G),
    ({"user_id": 7, "groups": [], "admin": True}, cq.Actor(7, admin=True)),
    ({"admin": True}, ROOT),
]
NOT_FROM_JSON: list[tuple[Any, str]] = [
    (None, r'no JSON object such as \{"user_id": 1, "groups": \["a"\]\}$'),
    ([["user_id", 5]], "no JSON object"),
    ({}, r'^user_id is missing; \{"user_id": null\} is anonymous$'),
    ({"admin": False}, "^user_id is missing"),
    ({"admin": 1}, "^user_id is missing"),
    ({"user_id": 5, "USER_ID": 6}, "^unknown key USER_ID$"),
    ({"user_id": 5, "Admin": True, "x": 1}, "^unknown key Admin; unknown key x$"),
    ({"user_id": 5, "groups": "ab"}, "^groups must be a list of texts$"),
    ({"user_id": 5, "groups": {"a": 1}}, "^groups must be a list of texts$"),
    ({"user_id": 5, "groups": None}, "^groups must be a list of texts$"),
    ({"user_id": 5, "groups": [1]}, "^groups must be non-empty texts$"),
    ({"user_id": 5, "admin": None}, "^admin must be True or False$"),
    ({"user_id": 5, "admin": "true"}, "^admin must be True or False$"),
    ({"user_id": True}, "^a user id is an integer or a text$"),
    ({"user_id": 0}, r"^an Integer user id is 1\.\.2\^63-1$"),
    ({"user_id": " a"}, "^a String user id has 1-256 UTF-8 bytes"),
]


@pytest.mark.parametrize(("given", "actor"), FROM_JSON, ids=str)
def test_an_actor_from_json(given: Any, actor: cq.Actor) -> None:
    found = acl.actor_from_json(given)
    assert (found, found.tokens, found.groups, found.user_id, found.admin) == (
        actor,
        actor.tokens,
        actor.groups,
        actor.user_id,
        actor.admin,
    )
    assert found.kind == {int: "Integer", str: "String"}.get(type(found.user_id))
    assert hash(found) == hash(actor)


@pytest.mark.parametrize(("given", "told"), NOT_FROM_JSON, ids=str)
def test_no_actor_from_json(given: Any, told: str) -> None:
    with pytest.raises(cq.DefinitionError, match=told):
        acl.actor_from_json(given)


def test_actors_are_alike_where_all_of_them_is() -> None:
    assert cq.Actor(5, ["a"]) == cq.Actor(5, ["a", "a"])
    for other in (cq.Actor("5", ["a"]), cq.Actor(5), cq.Actor(5, ["a"], admin=True), cq.Actor(6, ["a"]), None, 5, ("*", "u5", "ga")):
        assert cq.Actor(5, ["a"]) != other
    assert repr(cq.Actor(5, ["a"])) == "Actor(user_id=5, groups=('a',), admin=False)"
    with pytest.raises(AttributeError, match="immutable"):
        U.user_id = 6


def _levels(permissions: dict[str, Any]) -> dict[str, str]:
    return {action: level["access"] for action, level in permissions.items()}


def test_a_record_without_rights_of_its_own() -> None:
    """Everybody reads it, its owner changes and deletes it; nothing of it is said in `_acl`, and the hidden arrays are no field's."""
    store = cq.MemoryStore()
    engine = cq.Engine(store, [EACH])
    plain = engine.create("each", {"n": 1}, U)
    said: dict[str, Any] = {"read": {"access": "owner"}, "update": {"access": "open_for_groups", "groups": ["a"]}}
    said["delete"] = {"access": "open_for_users_ids", "ids": [6]}
    own = engine.create("each", {"n": 2, "permissions": said}, U)
    first, second = store.records("each").values()
    assert (first["_read"], first["_update"], first["_delete"]) == (["*"], ["u5"], ["u5"])
    assert not first.get("_acl")
    assert (second["_read"], second["_update"], second["_delete"]) == (["u5"], ["ga", "u5"], ["u6", "u5"])
    assert _levels(second["_acl"]) == _levels(said)
    for record, levels in ((plain, {"read": "open", "update": "owner", "delete": "owner"}), (own, _levels(said))):
        assert _levels(engine.get("each", record["_id"], U, "permissions=1")["permissions"]) == levels
    assert [(name, field.name, field.path, field.system) for name, field in acl.TOKEN_FIELDS.items()] == [
        (action, f"_{action}", f"_{action}", True) for action in ("read", "update", "delete")
    ]


def test_the_bound_of_a_text_user_id_is_the_hosts() -> None:
    longer = cq.Limits(max_id_bytes=300)
    assert cq.Actor("x" * 300, limits=longer).tokens == ("*", "u" + "x" * 300)
    with pytest.raises(cq.DefinitionError, match="256 UTF-8 bytes"):
        cq.Actor("x" * 300)
    with pytest.raises(cq.DefinitionError):
        cq.Actor("x" * 301, limits=longer)
