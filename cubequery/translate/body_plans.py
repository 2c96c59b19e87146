"""Updates whose body has a shape seen before: operands read at once, commands from templates, the tree only where somebody asks for it.

A template is what the usual way makes of the same body with places for its operands, so no rule stands here a second time. What the
usual way would have to look into goes that way. Nothing of a value or an actor is remembered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat
from operator import call
from time import time
from typing import Any, NamedTuple, cast

from cubequery import errors
from cubequery.acl import Actor
from cubequery.ast import EVERYTHING, Update
from cubequery.check import CRITERIA, UPDATE, Faults, Settings
from cubequery.errors import CubeQueryError, Refused, RequestError
from cubequery.parse import reader_for
from cubequery.parse.body_shapes import BodyShape, Key, Values, key_of
from cubequery.parse.memory import remember
from cubequery.schema import ClassSchema
from cubequery.translate.change import Change, Pair
from cubequery.translate.places import Place, condition, template

WARM = 8
"""Bodies of one shape after which functions are written for it: writing them costs as much as some dozens of bodies."""
MOST_SIGNS = 4
"""Ways in which the numbers of one shape may be positive and negative; others go the usual way."""
GIVEN = ("values", "tokens", "user", "record", "now")
Given = tuple[Values, Sequence[str], Any, Any, dt.datetime]
"""What a template is filled with: the values of a body, the tokens and the id of the actor, the id of the record, the time."""
_NOT_PLAIN = (CubeQueryError, TypeError, ValueError, KeyError)
_EPOCH = dt.datetime(1970, 1, 1)
_latest = (0, 1, _EPOCH)
_new = object.__new__


def clock() -> dt.datetime:
    """Now, as ``updated_at`` keeps it: naive UTC in whole seconds. One object a second."""
    global _latest
    since, until, date = _latest
    if not since <= (now := time()) < until:
        second = int(now)
        date = _EPOCH + dt.timedelta(seconds=second)
        _latest = second, second + 1, date
    return date


def stored_id(given: Any, schema: ClassSchema, settings: Settings) -> Any:
    """A record's id in its stored form; what cannot be one is the id of no record."""
    kind = schema.names(settings.user_id_type)["_id"].type
    if given is None or (kind.owns(given) and not isinstance(given, str)):
        return given
    try:
        return kind.read_text(str(given), settings.limits)
    except Refused:
        raise RequestError([errors.plain("not_found")]) from None


class Commands(NamedTuple):
    """What a shape comes to for one kind of actor: pairs as functions, right where ``holds`` is true of the values (None: always)."""

    holds: Callable[[Values], bool] | None
    makers: tuple[Callable[[Given], Pair], ...]


class _Someone:
    """An actor of whom nothing is known but whether he is an admin: what depends on anything else has no template."""

    def __init__(self, *, admin: bool) -> None:
        self.admin, self.user_id, self.tokens = admin, Place("user", 1), [Place("*tokens", "")]


class BodyPlan(BodyShape):
    """A shape with its commands, by kind of actor and by whether the change is of one record."""

    def __init__(self, body: Mapping[str, Any], schema: ClassSchema, settings: Settings) -> None:
        super().__init__(reader_for(schema, settings, CRITERIA if "search_criteria" in body else UPDATE), body)
        self.schema, self.settings = schema, settings
        self.commands: list[list[Commands]] = [[], [], [], []]
        """By ``2 * admin + record``: one for each way in which numbers were asked for their sign."""

    def tree(self, values: Values, *, admin: bool, judged: bool = False) -> Update:
        """The tree of the body: the same that the usual way gives."""
        faults = Faults()
        tree = self.reader.build(self.entries(values, judged=judged), faults, admin=admin)
        if faults or not isinstance(tree, Update):
            raise TypeError("no plain update")
        return tree

    def learn(self, values: Values, kind: int) -> bool:
        """Compile the body with places; False where the usual way would look into an operand."""
        if len(self.commands[kind]) >= MOST_SIGNS:
            return True
        try:
            self.commands[kind].append(self._compiled(values, kind))
        except (TypeError, AttributeError):
            return False
        return True

    def _compiled(self, values: Values, kind: int) -> Commands:
        asked: list[str] = []
        names = [f"v{place}" for place in range(self.size)]
        places = [Place(name, value, asked) for name, value in zip(names, values, strict=True)]
        someone = cast("Actor", _Someone(admin=kind > 1))
        record = Place("record", "") if kind % 2 else None
        tree = self.tree(places, admin=kind > 1, judged=True)
        change = Change(tree, self.schema, someone, EVERYTHING, self.settings, cast("dt.datetime", Place("now", _EPOCH)), record)
        makers = tuple(template(pair, GIVEN, names) for pair in change.commands)
        return Commands(condition(asked, names), makers)


class QuickChange(Change):
    """A change made of a shape and its operands; in everything that can be seen it is the Change of the same request."""

    _made: tuple[BodyPlan, Actor, tuple[Callable[[Given], Pair], ...], Given]

    def __getattr__(self, name: str) -> Any:
        """Facts of a whole change, which are there from the first that is asked for."""
        if "update" in self.__dict__ or "_made" not in self.__dict__:
            raise AttributeError(name)
        self.__dict__.update(self._whole().__dict__)
        return getattr(self, name)

    def _whole(self) -> Change:
        plan, actor, _, (values, _, _, record, now) = self._made
        return Change(plan.tree(values, admin=actor.admin), plan.schema, actor, EVERYTHING, plan.settings, now, record)

    def for_record(self, record_id: Any, **options: Any) -> Change:
        """The same change of one record, as every change gives it."""
        return self._whole().for_record(record_id, **options)

    @property
    def commands(self) -> Iterator[Pair]:
        """The pairs, made as they are asked for."""
        _, _, makers, given = self._made
        return map(call, makers, repeat(given))


class BodyPlans:
    """Shapes of the update bodies of one class. Safe to share between threads; bounded, the oldest leave."""

    def __init__(self, schema: ClassSchema, settings: Settings) -> None:
        self.schema, self.settings = schema, settings
        self._latest: dict[tuple[str, ...], BodyPlan] = {}
        self._plans: dict[Key, BodyPlan | None] = {}
        self._seen: dict[Key, int] = {}

    def change(self, body: dict[str, Any], actor: Actor, id: Any, now: dt.datetime | None) -> Change | None:
        """The change of a body whose shape is known and whose values are plain; None for everything else, faults included."""
        try:
            plan = self._latest.get(tuple(body))
            if plan is None:
                return None
            values = plan.read(body)
            if values is None:
                key = key_of(body)
                plan = None if key is None else self._plans.get(key)
                values = None if plan is None else plan.read(body)
                if plan is None or values is None:
                    return None
                self._latest[tuple(body)] = plan
            record = None if id is None else stored_id(id, self.schema, self.settings)
        except _NOT_PLAIN:
            return None
        for holds, makers in plan.commands[2 * actor.admin + (record is not None)]:
            if holds is None or holds(values):
                change = _new(QuickChange)  # without an __init__, which would cost as much again
                change._made = plan, actor, makers, (values, actor.tokens, actor.user_id, record, clock() if now is None else now)
                return change
        return None

    def learn(self, body: dict[str, Any], actor: Actor, record: Any) -> None:
        """Count a body that was read the usual way; a shape that comes again and again gets functions written for it."""
        key = key_of(body)
        if key is None or self._seen.get(key, 0) < WARM:
            if key is not None:
                remember(self._seen, key, self._seen.get(key, 0) + 1, self.settings.limits.plan_cache)
            return
        try:
            plan = self._plans[key] if key in self._plans else BodyPlan(body, self.schema, self.settings)
            values = None if plan is None else plan.read(body)
        except _NOT_PLAIN:
            plan, values = self._plans.get(key), None
        if plan is not None and values is not None:
            plan = plan if plan.learn(values, 2 * actor.admin + (record is not None)) else None
            if plan is not None:
                remember(self._latest, tuple(body), plan, self.settings.limits.plan_cache)
        remember(self._plans, key, plan, self.settings.limits.plan_cache)
