"""The rights of a record as one write of the three token arrays and ``_acl``: no other code writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cubequery.acl import RECORD_DEFAULT, tokens, user_token
from cubequery.ast import Condition, Level
from cubequery.operators.expressions import literal
from cubequery.record import Record
from cubequery.schema import ClassSchema
from cubequery.schema.permissions import RECORD_ACTIONS
from cubequery.values import USER_ID_TYPES

Levels = Sequence[tuple[str, Level]]
Owner = int | str | None
Expression = Any
Stages = list[dict[str, Any]]


class Grant(Record):
    """Rights for one record of ``owner`` that lacks them: ``levels`` of the actions without an array, where it meets ``condition``.

    ``adds_owner``: the owner becomes its ``user_id`` in the same write. ``bare``: the condition holds that it has no `_acl`. Nothing
    else of the record moves.
    """

    condition: Condition
    levels: Levels
    owner: Owner
    user_id_type: str
    adds_owner: bool
    bare: bool

    @property
    def update(self) -> dict[str, Any] | Stages:
        """The update of one command: whole, or not at all."""
        own = {"user_id": self.owner} if self.adds_owner else {}
        if self.bare:
            return {"$set": {**own, **rights_update(self.levels, self.owner)["$set"]}}
        first = [{"$set": {name: literal(value) for name, value in own.items()}}] if own else []
        return [*first, *rights_stages(self.levels, self.user_id_type)]

    def apply(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """What the update leaves, in memory."""
        owned = {**document, "user_id": self.owner} if self.adds_owner else document
        return apply_rights(owned, self.levels, self.owner, self.user_id_type)


def default_level(schema: ClassSchema, action: str) -> Level:
    """The class's level for new records; one that no record can hold gives ``owner``."""
    level = schema.permissions[action]
    return Level("owner") if level.access == "not_allowed" else Level(level.access, level.users, level.groups)


def rights_update(levels: Levels, owner: Owner) -> dict[str, dict[str, Any]]:
    """``$set`` and ``$unset`` that give a record of ``owner`` these levels; actions not named keep theirs."""
    update: dict[str, dict[str, Any]] = {}
    for action, level in levels:
        update.setdefault("$set", {})[f"_{action}"] = tokens(level, owner)
        if level == RECORD_DEFAULT[action]:
            update.setdefault("$unset", {})[f"_acl.{action}"] = ""
        else:
            update["$set"][f"_acl.{action}"] = level.document()
    return update


def stored_id(user_id_type: str) -> Expression:
    """Text of the stored owner's id; null where ``user_id`` is unset or foreign."""
    own = ["int", "long"] if user_id_type == "Integer" else ["string"]
    return {"$cond": [{"$in": [{"$type": "$user_id"}, own]}, {"$toString": "$user_id"}, None]}


def rights_stages(levels: Levels, user_id_type: str, owner: Owner = None) -> Stages:
    """The same as pipeline stages, for a record whose shape of ``_acl`` is not known beforehand, nor its owner where none is given.

    A given owner counts whatever number the record keeps: a ``user_id`` of 2.0 is user 2's, and is no id that has a text.
    """
    text = stored_id(user_id_type)
    own = {"$cond": [{"$eq": [text, None]}, [], [{"$concat": ["u", text]}]]} if owner is None else literal(_own_tokens(owner))
    fields: dict[str, Any] = {}
    gone = []
    for action, level in levels:
        listed = tokens(level, None)
        rest = {"$filter": {"input": literal(listed), "cond": {"$not": [{"$in": ["$$this", own]}]}}}
        fields[f"_{action}"] = literal(listed) if level.access == "open" else {"$concatArrays": [rest, own]}
        if level == RECORD_DEFAULT[action]:
            gone.append(f"_acl.{action}")
        else:
            fields[f"_acl.{action}"] = literal(level.document())
    # An `_acl` of another shape is drift: it gives way, so that what is written agrees with itself.
    shape = {"_acl": {"$cond": [{"$eq": [{"$type": "$_acl"}, "object"]}, "$_acl", literal({})]}}
    left = {"_acl": {"$cond": [{"$eq": ["$_acl", literal({})]}, "$$REMOVE", "$_acl"]}}
    return [{"$set": shape}, {"$set": fields}, *([{"$unset": gone}] if gone else []), {"$set": left}]


def owner_stages(owner: Owner, user_id_type: str) -> Stages:
    """Stages, ahead of the one that sets or unsets ``user_id``, that put the new owner's token in the place of the old one's.

    ``["*"]`` and what is no array stay as they are; the old owner keeps a token only where ``_acl`` lists him.
    """
    text, new = stored_id(user_id_type), literal(_own_tokens(owner))
    fields = {}
    for action in RECORD_ACTIONS:
        array, named = f"$_{action}", f"$_acl.{action}.users_ids"
        kept = {"$in": [text, {"$cond": [{"$isArray": named}, named, []]}]}
        old = {"$and": [{"$ne": [text, None]}, {"$eq": ["$$this", {"$concat": ["u", text]}]}, {"$not": [kept]}]}
        rest = {"$filter": {"input": array, "cond": {"$not": [{"$or": [{"$in": ["$$this", new]}, old]}]}}}
        still = {"$or": [{"$not": [{"$isArray": array}]}, {"$eq": [array, literal(["*"])]}]}
        fields[f"_{action}"] = {"$cond": [still, array, {"$concatArrays": [rest, new]}]}
    return [{"$set": fields}]


def apply_rights(document: Mapping[str, Any], levels: Levels, owner: Any, user_id_type: str = "Integer") -> dict[str, Any]:
    """What :func:`rights_update` and :func:`rights_stages` leave, in memory; a foreign ``owner`` is none."""
    known = owner if _is_id(owner, user_id_type) else None
    changed = dict(document)
    kept = document.get("_acl")
    acl = dict(kept) if isinstance(kept, Mapping) else {}
    for action, level in levels:
        changed[f"_{action}"] = tokens(level, known)
        acl.pop(action, None)
        if level != RECORD_DEFAULT[action]:
            acl[action] = level.document()
    changed.pop("_acl", None)
    return {**changed, "_acl": acl} if acl else changed


def apply_owner(document: Mapping[str, Any], owner: Owner, user_id_type: str) -> dict[str, Any]:
    """What :func:`owner_stages` leave, in memory; ``document`` still names its old owner."""
    changed = dict(document)
    old, new = document.get("user_id"), _own_tokens(owner)
    known = _is_id(old, user_id_type)
    for action in RECORD_ACTIONS:
        array = document.get(f"_{action}")
        if not isinstance(array, list) or array == ["*"]:
            continue
        gone = {*new, user_token(str(old))} if known and str(old) not in _listed(document.get("_acl"), action) else set(new)
        changed[f"_{action}"] = [*(token for token in array if not (type(token) is str and token in gone)), *new]
    return changed


def _own_tokens(owner: Owner) -> list[str]:
    return [] if owner is None else [user_token(owner)]


def _listed(acl: Any, action: str) -> list[Any]:
    """Ids that ``_acl`` lists for an action; none where its shape is odd."""
    level = acl.get(action) if isinstance(acl, Mapping) else None
    listed = level.get("users_ids") if isinstance(level, Mapping) else None
    return listed if isinstance(listed, list) else []


def _is_id(owner: Any, user_id_type: str) -> bool:
    return USER_ID_TYPES[user_id_type]().owns(owner)
