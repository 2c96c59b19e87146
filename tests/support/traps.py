"""What the tests of the traps share: the classes that rows define for themselves, refusals and answers as rows tell them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from bson import ObjectId

import cubequery as cq
from tests.support.cases import shown, value
from tests.support.ends import exact
from tests.support.fixture import ITEM_FIELDS, LETTERS, SCHEMAS
from tests.support.mongod import Document

CLASS_LEVELS = {
    "nobody reads": cq.ClassSchema("item", ITEM_FIELDS, permissions={"read": {"access": "not_allowed", "primary": True}}),
    "60001 updates": cq.ClassSchema(
        "item", ITEM_FIELDS, permissions={"update": {"access": "open_for_users_ids", "users_ids": ["60001"], "primary": True}}
    ),
    "officers update": cq.ClassSchema(
        "item", ITEM_FIELDS, acl="class", permissions={"update": {"access": "open_for_groups", "groups": ["officers"]}}
    ),
    "with app": cq.ClassSchema("item", {**ITEM_FIELDS, "app": cq.Integer}),
}
"""Classes that a row defines for itself."""


def the_class(name: str) -> cq.ClassSchema:
    return CLASS_LEVELS.get(name) or SCHEMAS[name]


def is_refused(expected: str) -> bool:
    """Whether a row tells a refusal."""
    return expected[:3] in ("400", "403", "404", "422")


def refusal(call: Callable[[], Any], expected: str) -> None:
    """The call is refused as a cell tells it; a place that the cell leaves out is not asked for."""
    with pytest.raises(cq.RequestError) as caught:
        call()
    told = shown(caught.value, expected)
    assert told == expected or told.startswith(f"{expected} "), told


def told(answer: Any, expected: str) -> bool:
    """Whether an answer is what a row says: JSON exactly, else a number or the records in order."""
    if expected.startswith("["):
        return exact(answer) == exact(value(expected))
    if isinstance(answer, int):
        return str(answer) == expected
    return letters(answer) == expected


def letters(records: Sequence[Document]) -> str:
    """The records by their letters, in order."""
    return " ".join(LETTERS[ObjectId(each["_id"]) if isinstance(each["_id"], str) else each["_id"]] for each in records) or "-"
