"""`engine.why`: the rule that decided, for the stored record, over every store; it is what the request itself is answered by."""

from __future__ import annotations

from typing import Any

import pytest

import cubequery as cq
from tests.engine.stores import End
from tests.support.fixture import ACTORS, IDS, SCHEMAS, documents

NAMES = ("item", "order")
SHUT = cq.ClassSchema("shut", {}, permissions={"create": {"access": "open_for_groups", "groups": ["officers"]}})
MISSING = "no record of this id"
NOTHING = "nothing names the actor: the record's tokens do not"
TABLE: list[tuple[str, str, str, Any, bool, str]] = [
    ("O", "read", "item", "A", True, 'the record\'s tokens let everybody pass ("*")'),
    ("S", "update", "item", "A", False, NOTHING),
    ("O", "update", "item", "A", True, 'the record\'s tokens name the actor ("u47592")'),
    ("O", "read", "item", "H", False, NOTHING),
    ("G", "delete", "item", "H", True, 'the record\'s tokens name the actor ("gofficers")'),
    ("W", "update", "item", "H", True, 'the record\'s tokens name the actor ("u60001")'),
    ("anonymous", "read", "item", "A", True, 'the record\'s tokens let everybody pass ("*")'),
    ("anonymous", "update", "item", "A", False, "an actor without user id changes nothing"),
    ("admin", "delete", "item", "H", True, "admin passes every check"),
    ("S", "read", "order", 1, True, 'the shared field "guests" names the actor'),
    ("O", "delete", "order", "1", True, 'the owner field "who" names the actor'),
    ("O", "read", "order", 2, False, "nothing names the actor: neither the owner field nor a shared one does"),
    ("O", "read", "item", "65000000000000000000ffff", False, MISSING),
    ("admin", "read", "item", "zz", False, MISSING),
    ("admin", "update", "order", "01", False, MISSING),
    ("admin", "delete", "note", "A", False, MISSING),
]


def asked(engine: Any, who: str, action: str, name: str, record: Any) -> cq.Verdict:
    found = engine.why(ACTORS[who], action, name, str(IDS[record]) if record in IDS else record)
    assert isinstance(found, cq.Verdict)
    return found


def test_every_rule(end: End) -> None:
    end.fill({name: documents(name) for name in NAMES})
    engine = end.engine([*(SCHEMAS[name] for name in (*NAMES, "note")), SHUT])
    for who, action, name, record, allowed, rule in TABLE:
        assert asked(engine, who, action, name, record) == cq.Verdict(allowed, rule)
    scoped = engine.scoped({"app": 7})
    for who, action, name, record, *_ in TABLE:
        assert asked(scoped, who, action, name, record) == cq.Verdict(False, MISSING)


def test_creating_is_decided_without_a_record(end: End) -> None:
    engine = end.engine([SCHEMAS["item"], SHUT])
    assert engine.why(ACTORS["G"], "create", "shut").rule == 'class level "open_for_groups" is primary and the actor has group "officers"'
    assert not engine.why(ACTORS["S"], "create", "shut")
    assert engine.scoped({"app": 7}).why(ACTORS["S"], "create", "item")


REQUESTS: dict[str, tuple[str, list[Any]]] = {"read": ("get", []), "update": ("update", [{"s": "new"}]), "delete": ("delete", [])}


@pytest.mark.parametrize("action", REQUESTS)
@pytest.mark.parametrize("who", ACTORS)
def test_it_is_what_requests_are_answered_by(end: End, who: str, action: str) -> None:
    """A verdict that allows stands before a request that is not refused, and the other way round."""
    method, body = REQUESTS[action]
    for record in documents("item"):
        end.fill({"item": documents("item")})
        engine, own = end.engine([SCHEMAS["item"]]), str(record["_id"])
        allowed = bool(engine.why(ACTORS[who], action, "item", own))
        try:
            getattr(engine, method)("item", own, *body, ACTORS[who])
        except cq.RequestError:
            assert not allowed
        else:
            assert allowed


def test_what_cannot_be_asked(end: End) -> None:
    engine = end.engine([SCHEMAS["item"]])
    for action, given in (("create", {"id": str(IDS["A"])}), ("read", {}), ("write", {"id": str(IDS["A"])}), ("", {})):
        with pytest.raises(ValueError, match="action is one of create, read, update, delete"):
            engine.why(ACTORS["O"], action, "item", **given)
    with pytest.raises(cq.RequestError, match="Undefined class"):
        engine.why(ACTORS["O"], "read", "none", str(IDS["A"]))
    with pytest.raises(TypeError, match=r"actor must be a cubequery\.Actor"):
        engine.why(None, "read", "item", str(IDS["A"]))
