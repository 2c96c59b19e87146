"""What an update request comes to for one actor: (filter, update) pairs for MongoDB, and the same change in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any

from bson import encode

from cubequery import errors
from cubequery.acl import Actor, owned_by, permitted
from cubequery.ast import EVERYTHING, NOTHING, All, Assign, Compare, Condition, Field, Level, Not, Update, all_of, any_of
from cubequery.check import Settings
from cubequery.compile import compile_filter
from cubequery.compile.guards import is_object_or_absent
from cubequery.compile.mongo_update import compile_changes, own
from cubequery.compile.pipeline import compile_pipeline
from cubequery.errors import RequestError
from cubequery.evaluate import matcher
from cubequery.evaluate.update import ChangeRefused, apply_changes
from cubequery.operators import EQ, NE, SET, UNSET_FIELD
from cubequery.ordering import in_order
from cubequery.record import Record
from cubequery.schema import ClassSchema
from cubequery.translate.describe import describe_change, sentence
from cubequery.translate.growth import growth
from cubequery.translate.rights import apply_owner, apply_rights, owner_stages, rights_stages, rights_update
from cubequery.values import UNSET, String

STAMP, PARENT_CLASS = Field("_op", "_op", String(), system=True), Field("_parent_class", "_parent_class", String(), system=True)
"""Hidden fields that the engine writes beside a change."""
Pair = tuple[dict[str, Any], dict[str, Any] | list[dict[str, Any]]]


class Variant(Record):
    """What the request changes on the records of one kind: those the actor owns, may read, or may only write blindly."""

    condition: Condition
    changes: tuple[Assign, ...]
    levels: tuple[tuple[str, Level], ...] = ()


class Change:
    """A checked and authorised update.

    ``commands`` are ``(filter, update)`` pairs to be tried in order until one matches. Every filter holds the rights, the host's
    condition, the criteria where the request has some (else ``record_id`` where one was given) and the guards of the change. They are the
    caller's to change.
    """

    def __init__(
        self, update: Update, schema: ClassSchema, actor: Actor, where: Condition, settings: Settings, now: dt.datetime, record_id: Any
    ) -> None:
        self.update, self.schema, self.actor, self.where, self.settings, self.now = update, schema, actor, where, settings, now
        self._names = schema.names(settings.user_id_type)
        self._id: Condition = EVERYTHING if record_id is None else Compare(self._names["_id"], EQ, record_id)
        self._stamp: tuple[Assign, ...] = ()
        self._parent_class: tuple[Assign, ...] = ()
        self._may_be_itself = schema.parents is None or schema.name in schema.parents
        self._most: int | None = None
        self._rights = {action: permitted(actor, action, schema, settings.user_id_type) for action in ("read", "update", "delete")}

    def for_record(self, record_id: Any, *, stamp: str | None = None, parent_class: str | None = None, size: int | None = None) -> Change:
        """The same change of one record, which must not outgrow the limit by it.

        ``stamp`` is recorded on it as the operation that touched it last, and a record that carries it is not changed again;
        ``parent_class`` is the class of the parent that the request names. ``size`` is a size of the record from which the change is
        known to fit; without it the commands leave room for all that the request may add.
        """
        bound = copy(self)
        bound._most = self.settings.limits.max_record_bytes - growth(self.update) if size is None else size
        bound._id = Compare(self._names["_id"], EQ, record_id)
        bound._may_be_itself = parent_class == self.schema.name
        bound._stamp = () if stamp is None else (Assign(STAMP, SET, stamp),)
        named = Assign(PARENT_CLASS, UNSET_FIELD, None) if parent_class is None else Assign(PARENT_CLASS, SET, parent_class)
        bound._parent_class = (named,)
        return bound

    @property
    def is_empty(self) -> bool:
        """Whether the request changes nothing at all; its command then only asks for the right, and ``updated_at`` stays."""
        update = self.update
        return not (update.changes or update.permissions or update.parent or update.system)

    @property
    def condition(self) -> Condition:
        """The records the request is about and the actor may update; with criteria also read."""
        criteria = self.update.criteria
        readable = EVERYTHING if criteria is None else self._rights["read"]
        undone = [Compare(STAMP, NE, change.operand) for change in self._stamp]
        return all_of(self._id, EVERYTHING if criteria is None else criteria, self._rights["update"], readable, self.where, *undone)

    @property
    def criteria(self) -> dict[str, Any] | None:
        """Filter of the records that a by-criteria request is about, rights and host condition included; None without criteria."""
        return None if self.update.criteria is None else compile_filter(self.condition)

    @property
    def commands(self) -> Iterator[Pair]:
        """The pairs, made as they are asked for."""
        for variant in self.variants():
            for guarded, update in self._pairs(variant):
                yield own(guarded), own(update)

    def variants(self) -> Iterator[Variant]:
        """The kinds of records, most rights first; a kind that no record can be of is left out."""
        update = self.update
        readable = self.condition if update.criteria is not None else all_of(self.condition, self._rights["read"])
        plain = all(change.operator in (SET, UNSET_FIELD) for change in update.changes)
        special = bool(update.permissions or update.parent or update.system)
        if plain and not special:
            yield Variant(self.condition, update.changes)
            return
        above = all_of(readable, self._new_parent())
        changes = (*update.changes, *self._parent())
        if update.permissions or update.system:
            mine = EVERYTHING if self.actor.admin else owned_by(self.actor, self.schema, self.settings.user_id_type)
            yield from self._kind(all_of(above, mine), (*changes, *update.system), update.permissions)
            above = all_of(above, negate(mine))
        yield from self._kind(above, changes)
        if plain and update.criteria is None:
            yield from self._kind(all_of(self.condition, negate(self._rights["read"])), update.changes)

    def _kind(self, condition: Condition, changes: tuple[Assign, ...], levels: tuple[tuple[str, Level], ...] = ()) -> Iterator[Variant]:
        if condition != NOTHING:
            yield Variant(condition, changes, levels)

    def _parent(self) -> tuple[Assign, ...]:
        return () if self.update.parent is None else (self.update.parent, *self._parent_class)

    def _new_parent(self) -> Condition:
        """A new parent needs the delete right on the record and is never the record itself (another class's may have its id); an
        unchanged one needs nothing."""
        change = self.update.parent
        if change is None:
            return EVERYTHING
        value = None if change.operator is UNSET_FIELD else change.operand
        same = Compare(change.field, EQ, value)
        other = Compare(self._names["_id"], NE, value) if value is not None and self._may_be_itself else EVERYTHING
        return any_of(same, all_of(self._rights["delete"], other))

    def _pairs(self, variant: Variant) -> Iterator[Pair]:
        if not variant.changes and not variant.levels:
            yield self._filter(variant, []), {"$set": {}}  # the right is asked for, and nothing moves
            return
        always: dict[str, dict[str, Any]] = {"$max": {"updated_at": self.now}}
        changes = [*(change for change in variant.changes if change.field.name != "updated_at"), *self._stamp]
        if len(changes) < len(variant.changes) + len(self._stamp):
            given = next(change.operand for change in variant.changes if change.field.name == "updated_at")
            always = {"$set": {"updated_at": given}}
        if variant.levels or self._new_owner is not UNSET:
            yield from self._with_rights(variant, changes, always)
            return
        for guards, update in compile_changes(changes, always):
            yield self._filter(variant, guards), update

    def _with_rights(self, variant: Variant, changes: list[Assign], always: dict[str, dict[str, Any]]) -> Iterator[Pair]:
        """Token arrays and ``_acl`` in the same command; a pipeline where the owner or the shape of ``_acl`` must be looked at."""
        if not self.actor.admin:
            plain = rights_update(variant.levels, self.actor.user_id)
            usual = {command: {**always.get(command, {}), **plain.get(command, {})} for command in dict.fromkeys((*always, *plain))}
            guards, update = next(compile_changes(changes, usual))
            yield self._filter(variant, [*guards, is_object_or_absent("_acl")]), update
        guards, stages = compile_pipeline(changes, always)
        user_ids = self.settings.user_id_type
        owner = [] if self._new_owner is UNSET else owner_stages(self._new_owner, user_ids)
        rights = rights_stages(variant.levels, user_ids, None if self.actor.admin else self.actor.user_id) if variant.levels else []
        yield self._filter(variant, guards), [*owner, *stages, *rights]

    @property
    def _new_owner(self) -> Any:
        """The owner that an admin's request sets (None: nobody), where tokens must follow it; else UNSET."""
        if self.schema.strategy.kind != "tokens":
            return UNSET
        return next((change.operand for change in self.update.system if change.field.name == "user_id"), UNSET)

    def _filter(self, variant: Variant, guards: list[dict[str, Any]]) -> dict[str, Any]:
        if self._most is not None and (variant.changes or variant.levels):
            guards = [*guards, {"$expr": {"$lte": [{"$bsonSize": "$$ROOT"}, self._most]}}]
        if not guards:
            return compile_filter(variant.condition)
        members = variant.condition.members if isinstance(variant.condition, All) else (variant.condition,)
        return {"$and": [*(compile_filter(member) for member in members if member != EVERYTHING), *guards]}

    def apply(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The document after the change, as the commands would leave it; the one given is not touched.

        Raises RequestError: 404 ``not_found`` where the actor may neither read nor update it (or it is not what the request is about),
        403 ``forbidden`` where he may read but not change it so, 422 ``needs_read``, ``operator_type``, ``index``, ``overflow``,
        ``out_of_range``, ``choice`` or ``too_big`` where the stored values do not allow it.
        """
        for variant in self.variants():
            if matcher(variant.condition)(document):
                changed = self._applied(document, variant)
                if self._most is not None and self.settings.limits.max_record_bytes < len(encode(changed)) > len(encode(document)):
                    raise RequestError([errors.plain("too_big")])
                return changed
        raise RequestError(self._refusal(document))

    def _applied(self, document: Mapping[str, Any], variant: Variant) -> dict[str, Any]:
        if not variant.changes and not variant.levels:
            return dict(document)
        user_ids = self.settings.user_id_type
        moved = document if self._new_owner is UNSET else apply_owner(document, self._new_owner, user_ids)
        try:
            changed = apply_changes(moved, (*variant.changes, *self._stamp))
        except ChangeRefused as refused:
            raise RequestError([_state_fault(*reason, variant) for reason in refused.reasons]) from None
        if not any(change.field.name == "updated_at" for change in variant.changes):
            changed["updated_at"] = max(changed.get("updated_at"), self.now, key=in_order)
        if not variant.levels:
            return changed
        return apply_rights(changed, variant.levels, changed.get("user_id") if self.actor.admin else self.actor.user_id, user_ids)

    def _refusal(self, document: Mapping[str, Any]) -> list[errors.Fault]:
        """Why no variant fits: hidden and missing give one answer, a refused action on a readable record another."""
        about = all_of(self._id, self.update.criteria or EVERYTHING, self.where)
        readable = matcher(all_of(about, self._rights["read"]))(document)
        if not readable and self.update.criteria is None and matcher(self.condition)(document):
            blind = [change for change in self.update.changes if change.operator not in (SET, UNSET_FIELD)]
            return [errors.plain("needs_read", change.field.name) for change in blind]
        return [errors.plain("forbidden" if readable else "not_found")]

    def describe(self) -> str:
        """One plain sentence: what is changed, on which records, under which rights."""
        what = ", ".join(describe_change(change) for change in (*self.update.changes, *self._parent(), *self.update.system)) or "nothing"
        levels = "".join(f"; {action} becomes {level.access}" for action, level in self.update.permissions)
        return f"{what}{levels}; where {sentence(self.condition)}, as {self.actor!r}"


def _state_fault(field: Field, code: str, variant: Variant) -> errors.Fault:
    """422 for what the stored values do not allow; it has no place in the request."""
    if code != "operator_type":
        return errors.plain(code, field.name)
    operator = next(change.operator for change in variant.changes if change.field == field)
    return errors.operator_type(operator.name, "the stored value", field.name)


def negate(condition: Condition) -> Condition:
    """The complement; everything and nothing stay apart."""
    if condition == EVERYTHING:
        return NOTHING
    return EVERYTHING if condition == NOTHING else Not(condition)
