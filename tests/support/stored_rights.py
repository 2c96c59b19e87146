"""Strategies and class levels that tests draw classes with, by a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cubequery.testing.rights import ACTIONS

RIGHTS: Mapping[str, Mapping[str, Any]] = {
    "tokens": {},
    "tokens, its owner reads": {"permissions": {"read": {"access": "owner", "primary": True}}},
    "tokens, a group reads": {"permissions": {"read": {"access": "open_for_groups", "groups": ["a"], "primary": True}}},
    "tokens, everybody writes": {"permissions": {action: {"access": "open", "primary": True} for action in ("update", "delete")}},
    "owner field": {"acl": {"owner": "who", "shared": ["guests"]}},
    "owner field, everybody writes": {
        "acl": {"owner": "who", "shared": ["guests"]},
        "permissions": {action: {"access": "open", "primary": True} for action in ("update", "delete")},
    },
    "class only, a group reads": {
        "acl": "class",
        "permissions": {
            "read": {"access": "open_for_groups", "groups": ["a"]},
            "update": {"access": "open"},
            "delete": {"access": "open_for_groups", "groups": ["b"]},
        },
    },
    "class only, nobody reads": {
        "acl": "class",
        "permissions": {"read": {"access": "not_allowed"}, "update": {"access": "open"}, "delete": {"access": "open"}},
    },
    "class only, everybody reads and writes": {"acl": "class", "permissions": {action: {"access": "open"} for action in ACTIONS}},
}
