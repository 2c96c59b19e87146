"""Actors that are refused, and tokens: what each principal is called, and that no two are called alike."""

from __future__ import annotations

from typing import Any

import pytest

import cubequery as cq
from cubequery.acl import tokens
from cubequery.ast import Level
from tests.attacks.covered import covers

SCHEMA = cq.ClassSchema("one", {"n": cq.Integer})

GROUPS: list[Any] = ["officers", b"x", {"a": 1}, None, 5]
ADMINS: list[Any] = ["false", "true", 1, 0, None, [], 1.0]
REFUSED_ACTORS: list[dict[str, Any]] = [
    *({"user_id": odd} for odd in (True, False, 0, -1, 2**63, 47592.0, 1.5, b"a", [1], (1,))),
    *({"user_id": odd} for odd in ("", " a", "a ", "a\0", "a\n", "x" * 257, "é" * 129, "\ud800")),
    *({"user_id": 1, "admin": odd} for odd in ADMINS),
    *({"user_id": 1, "groups": odd} for odd in GROUPS),
    *({"user_id": 1, "groups": [odd]} for odd in ("", 1, None, "a\0", ["a"], "\ud800", True)),
    *({"user_id": 1, "groups": [f"g{number}" for number in range(count)]} for count in (199, 50_000)),
    {"groups": ["officers"]}, {"groups": ["officers"], "admin": True}, {"user_id": 0, "groups": [""], "admin": 1},
]  # fmt: skip


@covers(78, 81, 126, 161)
@pytest.mark.parametrize("given", REFUSED_ACTORS, ids=lambda given: ascii(given)[:60])
def test_doubtful_actors_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(cq.DefinitionError):
        cq.Actor(**given)


@pytest.mark.parametrize(("actor", "own"), [(cq.Actor("5"), "Integer"), (cq.Actor("*"), "Integer"), (cq.Actor(5), "String")])
def test_actors_of_the_other_type_are_refused(actor: cq.Actor, own: str) -> None:
    settings = cq.Settings(user_id_type=own)
    for use in (cq.translate, cq.translate_update):
        with pytest.raises(cq.DefinitionError):
            use("n=1", SCHEMA, actor=actor, settings=settings)


@covers(82)
def test_a_missing_actor_is_nobody() -> None:
    use: Any
    for use in (cq.translate, cq.translate_update):
        with pytest.raises(TypeError):
            use("n=1", SCHEMA)
        for actor in (None, 0, "", "admin", 47592, {"admin": True}, cq.Actor):
            with pytest.raises(TypeError):
                use("n=1", SCHEMA, actor=actor)


def test_actors_do_not_change() -> None:
    actor = cq.Actor(51943, ["b", "a", "b"])
    assert actor.tokens == ("*", "u51943", "ga", "gb")
    for name in ("admin", "tokens", "user_id", "groups", "other"):
        with pytest.raises(AttributeError):
            setattr(actor, name, True)
    assert len(cq.Actor(1, [f"g{number}" for number in range(198)]).tokens) == 200
    assert len(cq.Actor(1, [f"g{number}" for number in range(300)], limits=cq.Limits(max_actor_groups=300)).tokens) == 302


@covers(76, 77, 160)
def test_tokens_are_injective() -> None:
    """No two principals of one engine share a token, whatever they are called."""
    texts = ["*", "u47592", "47592", "g47592", "open", "admin", "u*", "g*"]
    texts += ["officers", "Officers", "оfficers", "officers ", "e\u0301", "\u00e9"]
    groups = {token for text in texts for token in cq.Actor(1, [text]).tokens if token not in ("*", "u1")}
    assert len(groups) == len(texts)
    users = {cq.Actor(number).tokens[1] for number in (1, 47592, 2**63 - 1)}
    texts_as_users = {cq.Actor(text).tokens[1] for text in texts if text == text.strip()}
    assert not groups & users
    assert not groups & texts_as_users
    assert "*" not in groups | users | texts_as_users


@pytest.mark.parametrize(
    ("level", "owner", "expected"),
    [
        (Level("open"), 47592, ["*"]),
        (Level("open"), None, ["*"]),
        (Level("owner"), 47592, ["u47592"]),
        (Level("owner"), None, []),
        (Level("open_for_users_ids", users=(51941, 51943)), 47592, ["u51941", "u51943", "u47592"]),
        (Level("open_for_users_ids", users=(47592, 51941)), 47592, ["u51941", "u47592"]),  # last and once
        (Level("open_for_users_ids", users=(47592, 51941)), None, ["u47592", "u51941"]),
        (Level("open_for_users_ids", users=("*", "gofficers", "u1")), "ann", ["u*", "ugofficers", "uu1", "uann"]),
        (Level("open_for_groups", groups=("officers", "*", "u47592")), 47592, ["gofficers", "g*", "gu47592", "u47592"]),
        (Level("open_for_groups", groups=("b", "a", "b")), None, ["gb", "ga"]),  # in order, without repeats
    ],
)
def test_shapes_of_tokens(level: Level, owner: int | str | None, expected: list[str]) -> None:
    assert tokens(level, owner) == expected
