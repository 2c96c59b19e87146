"""Principals that pose as others: groups and users named like tokens, and names that only look alike."""

from __future__ import annotations

import itertools
import unicodedata
from typing import Any

import pytest

import cubequery as cq
from tests.attacks.covered import covers
from tests.attacks.fixture import NOW, OWNER, PROFILE, VISIBLE

TEXT = cq.Settings(user_id_type="String")
CAFE = "caf\u00e9"
ALIKE = [
    "officers",
    "оfficers",
    "OFFICERS",
    "officers ",
    " officers",
    "officers\u200b",
    "ｏfficers",
    CAFE,
    unicodedata.normalize("NFD", CAFE),
    "Cafe",
]
POSING = ["*", "u47592", "47592", "open", "g*", "admin", "gofficers", "u*", "null", "None", "true", "$in", "_read"]


@covers(76, 77)
def test_a_group_opens_what_names_it_and_nothing_else() -> None:
    records = [{"_read": [f"g{group}"]} for group in [*POSING, *ALIKE]]
    for place, group in enumerate([*POSING, *ALIKE]):
        plan = cq.translate("", PROFILE, actor=cq.Actor(51943, [group]))
        assert plan.select(records) == [records[place]]
        assert plan.select([{"_read": ["u47592"]}, {"_read": [group]}, {"_read": ["u51943"]}]) == [
            each
            for each in ({"_read": ["u47592"]}, {"_read": [group]}, {"_read": ["u51943"]})
            if each["_read"][0] in ("*", "u51943", f"g{group}")
        ]


@covers(160, 163)
def test_a_text_user_id_is_only_itself() -> None:
    users = ["*", "u47592", "gofficers", "47592", "Ann", "ann", CAFE, unicodedata.normalize("NFD", CAFE), "аnn", "u*", "admin", "null"]
    records = [{"_read": [f"u{user}"]} for user in users]
    for place, user in enumerate(users):
        plan = cq.translate("", PROFILE, actor=cq.Actor(user), settings=TEXT)
        assert plan.filter == {"_read": {"$in": ["*", f"u{user}"]}}
        assert plan.select(records) == [records[place]]
    star = cq.translate("", PROFILE, actor=cq.Actor("*"), settings=TEXT)
    assert not star.matches({"_read": ["uann"]})
    for token, wanted in (("*", True), ("u47592", False), ("gofficers", False), ("u*", True), ("uu47592", False)):
        assert star.matches({"_read": [token]}) is wanted


@covers(160, 163)
def test_class_levels_compare_ids_and_groups_exactly() -> None:
    users = {"access": "open_for_users_ids", "ids": ["Ann", "*"], "primary": True}
    groups = {"access": "open_for_groups", "groups": ["officers", "*"], "primary": True}
    by_user = cq.ClassSchema("profile", {"n": cq.Integer}, permissions={"read": users})
    by_group = cq.ClassSchema("profile", {"n": cq.Integer}, permissions={"read": groups})
    for user in ("Ann", "*", "ann", "Ann\u200b", "uAnn", "u*", "аnn"):
        assert cq.verdict(cq.Actor(user), "read", by_user, {}, settings=TEXT).allowed is (user in ("Ann", "*"))
    for group in [*ALIKE, *POSING]:
        assert cq.verdict(cq.Actor(5, [group]), "read", by_group, {}).allowed is (group in ("officers", "*"))


def level(body: dict[str, Any], settings: cq.Settings) -> Any:
    """The written level, and the tokens that an update by the owner makes of it."""
    tree = cq.parse({"permissions": {"read": body}}, PROFILE, place="update", settings=settings)
    return tree.permissions


@covers(79, 80)
def test_ids_in_a_written_acl_are_one_token_each() -> None:
    body = {"permissions": {"update": {"access": "open_for_users_ids", "ids": ["47593", 47593, "51943", 47593]}}}
    changed = cq.translate_update(body, PROFILE, actor=OWNER, now=NOW).apply(VISIBLE)
    assert changed["_update"] == ["u47593", "u51943", "u47592"]
    assert changed["_acl"]["update"] == {"access": "open_for_users_ids", "users_ids": ["47593", "51943"]}
    form = "permissions[update][access]=open_for_users_ids&permissions[update][ids]=47593,51943"
    assert cq.translate_update(form, PROFILE, actor=OWNER, now=NOW).apply(VISIBLE) == changed
    tags = {"permissions": {"read": {"access": "open_for_groups", "groups": ["*", "u51943", "*"]}}}
    assert cq.translate_update(tags, PROFILE, actor=OWNER, now=NOW).apply(VISIBLE)["_read"] == ["g*", "gu51943", "u47592"]


@covers(162)
def test_text_ids_in_a_written_acl() -> None:
    stored = {**VISIBLE, "user_id": "ann", "_update": ["uann"]}
    for given, expected in ((["*"], ["u*"]), (["gofficers"], ["ugofficers"]), (["a", "a"], ["ua"]), (["u1", "5"], ["uu1", "u5"])):
        body = {"permissions": {"read": {"access": "open_for_users_ids", "users_ids": given}}}
        changed = cq.translate_update(body, PROFILE, actor=cq.Actor("ann"), settings=TEXT, now=NOW).apply(stored)
        assert changed["_read"] == [*expected, "uann"]


@covers(161, 78)
@pytest.mark.parametrize("user", [5, True, "", " a", "a\0", "x" * 257, 5.0, "5"])
def test_an_actor_of_the_wrong_type_raises(user: Any) -> None:
    wanted = cq.Settings() if isinstance(user, str) else TEXT
    with pytest.raises(cq.DefinitionError):
        cq.translate("", PROFILE, actor=cq.Actor(user), settings=wanted)


@covers(126)
def test_wide_principals() -> None:
    actor = cq.Actor(51943, [f"g{number}" for number in range(198)])
    plan = cq.translate("age[in]=1,2,3,4,5,6,7,8,9,10", PROFILE, actor=actor)
    assert len(plan.filter["$and"][1]["_read"]["$in"]) == 200
    with pytest.raises(cq.DefinitionError):
        cq.Actor(51943, [f"g{number}" for number in range(199)])
    wide = {"permissions": {"read": {"access": "open_for_users_ids", "ids": list(range(1, 50_001))}}}
    changed = cq.translate_update(wide, PROFILE, actor=OWNER, now=NOW).apply(VISIBLE)
    assert len(changed["_read"]) == 50_000  # the owner is among them, last and once
    assert changed["_read"][-1] == "u47592"


@covers(76, 77, 163)
def test_look_alikes_are_pairwise_strangers() -> None:
    for one, other in itertools.permutations(ALIKE, 2):
        assert not cq.verdict(cq.Actor(1, [one]), "read", PROFILE, {"_read": [f"g{other}"]})
