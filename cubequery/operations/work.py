"""The facts of one request that are fixed before its operation starts, so that the operation may be run again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from bson import encode
from bson.json_util import default

from cubequery import errors
from cubequery.acl import Actor, owned_by, permitted
from cubequery.ast import EVERYTHING, Compare, Condition, all_of
from cubequery.check import DEFAULTS, Settings
from cubequery.errors import Fault, RequestError
from cubequery.evaluate import matcher
from cubequery.operators import AFTER, EQ, IN
from cubequery.schema import ClassSchema
from cubequery.stores.commands import Document
from cubequery.translate.plan import whole
from cubequery.translate.shown import shown_permissions
from cubequery.values import Huge

Progress = Callable[[int, int | None], None]
"""Called with what is done and, where it is known, the whole."""


@dataclass(frozen=True)
class Work:
    """One request of one actor on one class: rights, clock, ids, host scope, all drawn before the first command."""

    schema: ClassSchema
    actor: Actor
    classes: Mapping[str, ClassSchema]
    now: dt.datetime
    settings: Settings = DEFAULTS
    where: Condition = EVERYTHING
    scope: Mapping[str, Any] = field(default_factory=dict)
    operation_id: str = ""
    progress: Progress | None = None

    def may(self, action: str) -> Condition:
        """Records of the class on which the actor may do this, the host scope included."""
        return all_of(permitted(self.actor, action, self.schema, self.settings.user_id_type), self.where)

    def with_ids(self, ids: list[Any]) -> Condition:
        """Records with these ids."""
        field_ = self.schema.names(self.settings.user_id_type)["_id"]
        return Compare(field_, EQ, ids[0]) if len(ids) == 1 else Compare(field_, IN, ids)

    def after(self, record_id: Any) -> Condition:
        """Records further on by ``_id``; those of a collection's next type of ids too."""
        return Compare(self.schema.names(self.settings.user_id_type)["_id"], AFTER, record_id)

    def read_id(self, text: Any) -> Any:
        """An id as a path or a body gives it, in its stored form; None for what can be no id of the class."""
        kind = self.schema.names(self.settings.user_id_type)["_id"].type
        try:
            return kind.read_json(text, self.settings.limits)
        except errors.Refused:
            return None

    def shown_id(self, stored: Any) -> Any:
        """An id as answers show it."""
        return self.schema.names(self.settings.user_id_type)["_id"].type.render(stored)

    def answer(self, document: Document) -> dict[str, Any]:
        """A record in an answer to a write, or by id: whole where the actor may read it now, else that it exists and when it changed."""
        if not matcher(self.may("read"))(document):
            return {"_id": self.shown_id(document["_id"]), "updated_at": self._render(document)["updated_at"]}
        return {**self._render(document), **self.permissions(document)}

    def permissions(self, document: Document) -> dict[str, Any]:
        """``permissions`` for the owner and an admin, nothing for others."""
        return {"permissions": shown_permissions(document.get("_acl"))} if self.sees_permissions(document) else {}

    def sees_permissions(self, document: Document) -> bool:
        """Whether the actor is the record's owner or an admin, in a class whose records carry permissions."""
        if self.schema.strategy.kind != "tokens":
            return False
        return self.actor.admin or _owns(owned_by(self.actor, self.schema, self.settings.user_id_type))(document)

    def _render(self, document: Document) -> dict[str, Any]:
        return whole(self.schema, self.settings.user_id_type).render(document)

    def check_size(self, document: Document) -> None:
        """422 ``too_big`` for a record that would be larger than the limit."""
        if len(encode(document)) > self.settings.limits.max_record_bytes:
            raise RequestError([errors.plain("too_big")])

    def report(self, done: int, whole: int | None = None) -> None:
        """Tell how far a long operation is."""
        if self.progress is not None:
            self.progress(done, whole)


@lru_cache(maxsize=1024)
def _owns(condition: Condition) -> Callable[[Mapping[str, Any]], bool]:
    """The matcher of an actor's own records, remembered: every record by id asks it."""
    return matcher(condition)


def in_record(number: int, faults: Iterable[Fault]) -> list[Fault]:
    """Faults of one record of a multi request, each under its number; what concerns no field stays where it is."""
    return [each if each.key == "base" else replace(each, key=f"record[{number}][{each.key}]") for each in faults]


def digest(operation_id: str, actor: Actor, scope: Mapping[str, Any], route: str, body: Any) -> str:
    """What is recorded for an operation: its id together with who asked, where, and for what; no answer tells whether it was used."""
    facts = [operation_id, list(actor.tokens), actor.admin, sorted(scope.items()), route, body]
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=_digested).encode("utf-8", "surrogatepass")).hexdigest()


def _digested(value: Any) -> Any:
    """What JSON does not know; a number without bounds stands in ignored fields only, where any is as good as another."""
    return "" if isinstance(value, Huge) else default(value)


def check_operation_id(given: str, settings: Settings) -> str:
    """The id itself. Raises RequestError 400: 1 to 255 visible ASCII characters."""
    if not 1 <= len(given) <= settings.limits.max_operation_id or any(not "!" <= char <= "~" for char in given):
        raise RequestError([errors.malformed("an operation id is 1 to 255 visible ASCII characters")])
    return given
