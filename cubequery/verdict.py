"""Whether an actor may do something with a record, and the one rule that decided it: for hosts that ask, and for people who wonder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cubequery.acl import TOKEN_FIELDS, Actor, by_class, class_users, known, permitted
from cubequery.ast import EVERYTHING, Compare, Condition
from cubequery.check import DEFAULTS, Settings
from cubequery.evaluate import matcher
from cubequery.operators import EQ, IN
from cubequery.record import Record
from cubequery.schema import ClassLevel, ClassSchema
from cubequery.schema.permissions import ACTIONS


class Verdict(Record):
    """``allowed``, and ``rule``: one plain sentence that names what decided. A verdict is true where it allows."""

    allowed: bool
    rule: str

    def __bool__(self) -> bool:
        return self.allowed


def verdict(
    actor: Actor, action: str, schema: ClassSchema, document: Mapping[str, Any] | None = None, *, settings: Settings = DEFAULTS
) -> Verdict:
    """Whether ``actor`` may ``create`` records of the class, or ``read``, ``update`` or ``delete`` this one.

    It is the decision that every plan and change carries in its filter. ``document`` is the record as stored; ``create`` looks at none.
    A host scope is not asked. Raises TypeError for a missing actor or record, ValueError for an unknown action.
    """
    known(actor, settings.user_id_type)
    if action not in ACTIONS:
        raise ValueError(f"action must be one of {', '.join(ACTIONS)}")
    if action != "create" and not isinstance(document, Mapping):
        raise TypeError("only create is decided without the record as stored")
    if actor.admin:
        return Verdict(True, "admin passes every check")
    if action != "read" and actor.user_id is None:
        return Verdict(False, "an actor without user id changes nothing")
    if schema.permissions[action].primary:
        return _by_class(actor, action, schema, document or {}, settings.user_id_type)
    allowed = _holds(permitted(actor, action, schema, settings.user_id_type), document or {})
    by_record = _by_owner if schema.strategy.kind == "owner" else _by_tokens
    return Verdict(allowed, by_record(actor, action, schema, document or {}, settings.user_id_type))


def _holds(condition: Condition, document: Mapping[str, Any]) -> bool:
    return matcher(condition)(document)


def _by_class(actor: Actor, action: str, schema: ClassSchema, document: Mapping[str, Any], user_id_type: str) -> Verdict:
    level = schema.permissions[action]
    condition = by_class(actor, level, schema, user_id_type)
    # Creating looks at no record, so that only a level that lets every record pass counts.
    allowed = condition == EVERYTHING if action == "create" else _holds(condition, document)
    return Verdict(allowed, f'class level "{level.access}" is primary and {_why(actor, level, user_id_type, allowed=allowed)}')


def _why(actor: Actor, level: ClassLevel, user_id_type: str, *, allowed: bool) -> str:
    """What a primary class level found in the actor."""
    if level.access == "open":
        return "everybody passes"
    if level.access == "not_allowed":
        return "nobody but admin passes"
    if actor.user_id is None:
        return "the actor has no user id"
    if level.access == "owner":
        return "the record is the actor's own" if allowed else "the record is not the actor's own"
    if level.access == "open_for_groups":
        common = sorted(set(level.groups) & set(actor.groups))
        return f'the actor has group "{common[0]}"' if common else "the actor has none of its groups"
    return "lists the actor" if actor.user_id in class_users(level, user_id_type) else "does not list the actor"


def _by_tokens(actor: Actor, action: str, schema: ClassSchema, document: Mapping[str, Any], user_id_type: str) -> str:
    for token in actor.tokens:
        if _holds(Compare(TOKEN_FIELDS[action], IN, [token]), document):
            return 'the record\'s tokens let everybody pass ("*")' if token == "*" else f'the record\'s tokens name the actor ("{token}")'
    return "nothing names the actor: the record's tokens do not"


def _by_owner(actor: Actor, action: str, schema: ClassSchema, document: Mapping[str, Any], user_id_type: str) -> str:
    names = schema.names(user_id_type)
    if actor.user_id is not None and _holds(Compare(names["user_id"], EQ, actor.user_id), document):
        return f'the owner field "{schema.strategy.owner}" names the actor'
    for shared in schema.strategy.shared:
        if actor.user_id is not None and _holds(Compare(names[shared], EQ, actor.user_id), document):
            return f'the shared field "{shared}" names the actor'
    return "nothing names the actor: neither the owner field nor a shared one does"
