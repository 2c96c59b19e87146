"""What was given on the command line, read strictly: classes, actor, host condition, body."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import dataclass
from typing import Any

from bson import json_util
from bson.codec_options import DatetimeConversion
from bson.errors import BSONError

import cubequery as cq
from cubequery import demo
from cubequery.acl import actor_from_json
from cubequery.ast import EVERYTHING, Condition

NO_ACTOR = (
    "--actor is missing: every request is answered for somebody, and nobody is assumed",
    """give --actor '{"user_id": 1, "groups": ["a"]}', '{"user_id": null}' for anonymous, or '{"admin": true}' to see everything""",
)
EXTENDED = json_util.JSONOptions(tz_aware=False, datetime_conversion=DatetimeConversion.DATETIME_AUTO)
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, BSONError)
"""What Extended JSON that is none makes its reader raise."""


class Usage(Exception):
    """An argument or a file that cannot be used; ``lines`` say why and what would do."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines


class Failure(Exception):
    """All was given well, but the work could not be done."""


@dataclass(frozen=True, slots=True)
class Given:
    """The parts that every command shares."""

    schema: cq.ClassSchema
    actor: cq.Actor
    where: Condition
    settings: cq.Settings

    @property
    def common(self) -> dict[str, Any]:
        """Keyword arguments of both translators."""
        return {"actor": self.actor, "where": self.where, "settings": self.settings}


def read_given(arguments: Namespace, *, actor: cq.Actor | None = None) -> Given:
    """Class, actor, condition and settings. Raises Usage. ``actor`` is who asks where ``--actor`` is not given."""
    settings = cq.Settings(user_id_type=arguments.user_id_type)
    _, schema = read_classes(arguments)
    if arguments.actor is not None:
        actor = read_actor(arguments.actor)
    if actor is None:
        raise Usage(*NO_ACTOR)
    try:
        actor.check(settings.user_id_type)
        schema.names(settings.user_id_type)
    except cq.DefinitionError as error:
        raise Usage(*(f"--user-id-type {settings.user_id_type}: {problem}" for problem in error.problems)) from None
    return Given(schema, actor, _where(arguments.where), settings)


def read_classes(arguments: Namespace) -> tuple[dict[str, cq.ClassSchema], cq.ClassSchema]:
    """All classes of the file, and the one that ``--class`` names. Raises Usage."""
    if getattr(arguments, "demo", False):
        if arguments.classes is not None:
            raise Usage("--demo has classes of its own: leave out --classes")
        found, origin, name = demo.classes(), "the demo", arguments.name or "profile"
    elif arguments.classes is None:
        raise Usage('--classes is missing: a file {"classes": [definition, ..]} says which fields there are')
    else:
        found, origin, name = _load(arguments.classes), arguments.classes, arguments.name
    if name is None and len(found) == 1:
        return found, next(iter(found.values()))
    if name not in found:
        wrong = "is missing" if name is None else f"{name} is unknown"
        raise Usage(f"--class {wrong}: {origin} holds {', '.join(sorted(found)) or 'none'}")
    return found, found[name]


def _load(path: str) -> dict[str, cq.ClassSchema]:
    try:
        return cq.load_classes(path)
    except OSError as error:
        raise Usage(f"--classes {path}: {error.strerror}") from None
    except cq.DefinitionError as error:
        raise Usage(*(f"--classes {path}: {problem}" for problem in error.problems)) from None


def read_actor(text: str) -> cq.Actor:
    """An actor from JSON. Raises Usage for whatever is doubtful."""
    try:
        found = cq.read_json(text)
    except cq.RequestError:
        found = None
    try:
        return actor_from_json(found)
    except cq.DefinitionError as error:
        raise Usage(*(f"--actor: {problem}" for problem in error.problems)) from None


def _where(text: str | None) -> Condition:
    if text is None:
        return EVERYTHING
    try:
        return cq.condition(read_extended(text))
    except cq.DefinitionError as error:
        raise Usage(*(f"--where: {problem}" for problem in error.problems)) from None
    except UNREADABLE:
        raise Usage("--where is no JSON object") from None


def read_extended(text: str) -> Any:
    """MongoDB Extended JSON, each key once. Raises one of UNREADABLE."""
    return json.loads(text, object_pairs_hook=_object, parse_constant=_constant)


def _object(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("repeated key")
    return json_util.object_hook(found, EXTENDED)


def _constant(name: str) -> Any:
    raise ValueError(name)


def read_body(text: str) -> str | dict[str, Any]:
    """A JSON object where the text begins with ``{``, else form text. Raises RequestError."""
    if not text.lstrip().startswith("{"):
        return text
    found: dict[str, Any] = cq.read_json(text)
    return found
