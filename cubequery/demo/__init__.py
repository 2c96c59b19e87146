"""Two sample classes, their records, and who may ask: the same at every run, ready to try requests on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cubequery.acl import ADMIN, ANONYMOUS, Actor
from cubequery.demo.records import notices, records
from cubequery.schema import ClassSchema, load_classes

__all__ = ["ACTORS", "CLASSES", "DATA", "TOKENS", "classes", "notices", "records"]

CLASSES = Path(__file__).with_name("classes.json")
"""The class file, as the command line's ``--classes`` takes one."""

ACTORS: Mapping[str, Actor] = {
    "officer": Actor(47592, ["officers"]),
    "stranger": Actor(70000),
    "admin": ADMIN,
    "anonymous": ANONYMOUS,
}
"""The officer owns records and is in a group that others let in; the stranger owns nothing and is named nowhere."""

TOKENS: Mapping[str, Actor] = {f"demo-{name}": actor for name, actor in ACTORS.items()}
"""What each of them shows to a server of the demo. No secret: these records are no secret either."""

DATA = {"profile": records, "notice": notices}
"""Maker of the stored documents of each class."""


def classes() -> dict[str, ClassSchema]:
    """The sample classes by name, built anew."""
    return load_classes(CLASSES)
