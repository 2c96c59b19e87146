"""Who may do what: actors, their tokens, and the rights of a class as conditions of the tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cubequery.ast import EVERYTHING, NOTHING, AnyOf, Compare, Condition, Field, Level
from cubequery.errors import DefinitionError, Refused
from cubequery.limits import DEFAULT, Limits
from cubequery.operators import EQ, IN
from cubequery.schema import ClassLevel, ClassSchema
from cubequery.schema.permissions import RECORD_ACTIONS
from cubequery.values import INT64_MAX, USER_ID_TYPES, Array, String, plain_id

TOKEN_FIELDS: Mapping[str, Field] = {action: Field(f"_{action}", f"_{action}", Array(String), system=True) for action in RECORD_ACTIONS}
"""The hidden token arrays, by action."""
RECORD_DEFAULT: Mapping[str, Level] = {"read": Level("open"), "update": Level("owner"), "delete": Level("owner")}


class Actor:
    """Who asks: a user id, group tags, or an admin. Immutable.

    ``user_id`` is an integer 1..2^63-1, or a text under String user ids; None with no groups is anonymous. ``groups`` are non-empty
    texts, compared exactly. Raises :class:`DefinitionError` for anything else: a doubtful actor is never a weaker or stronger one.
    """

    __slots__ = ("admin", "groups", "kind", "tokens", "user_id")

    user_id: int | str | None
    groups: tuple[str, ...]
    admin: bool
    tokens: tuple[str, ...]
    kind: str | None

    def __init__(
        self, user_id: int | str | None = None, groups: Iterable[str] = (), *, admin: bool = False, limits: Limits = DEFAULT
    ) -> None:
        problems = [*_user_problems(user_id, limits)]
        if type(admin) is not bool:
            problems.append("admin must be True or False")
        given: Any = groups
        listed: list[Any] = list(given) if isinstance(given, Iterable) else [given]
        if isinstance(given, str | bytes | Mapping) or not all(map(_is_tag, listed)):
            problems.append("groups must be non-empty texts")
        elif len(set(listed)) > limits.max_actor_groups:
            problems.append(f"at most {limits.max_actor_groups} groups")
        elif listed and user_id is None:
            problems.append("groups need a user id")
        if problems:
            raise DefinitionError(problems)
        tags = tuple(sorted(set(listed)))
        own = () if user_id is None else (user_token(user_id),)
        for name, value in (
            ("user_id", user_id),
            ("groups", tags),
            ("admin", admin),
            ("kind", None if user_id is None else "Integer" if type(user_id) is int else "String"),
            ("tokens", ("*", *own, *(group_token(tag) for tag in tags))),
        ):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("an Actor is immutable")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Actor) and (self.tokens, self.admin, type(self.user_id)) == (
            other.tokens,
            other.admin,
            type(other.user_id),
        )

    def __hash__(self) -> int:
        return hash((self.tokens, self.admin))

    def __repr__(self) -> str:
        return f"Actor(user_id={self.user_id!r}, groups={self.groups!r}, admin={self.admin})"

    def check(self, user_id_type: str) -> Actor:
        """The actor itself. Raises TypeError for what is no actor, DefinitionError for a user id of the engine's other type."""
        wanted = int if user_id_type == "Integer" else str
        if self.user_id is not None and type(self.user_id) is not wanted:
            raise DefinitionError([f"user ids are of type {user_id_type} here"])
        return self


def _user_problems(user_id: object, limits: Limits) -> Iterable[str]:
    if user_id is None:
        return
    if type(user_id) is int:
        if not 1 <= user_id <= INT64_MAX:
            yield "an Integer user id is 1..2^63-1"
    elif type(user_id) is str:
        try:
            plain_id(user_id, limits)
        except Refused:
            yield "a String user id has 1-256 UTF-8 bytes, no control characters and no blank at either end"
    else:
        yield "a user id is an integer or a text"


def _is_tag(tag: object) -> bool:
    """Whether a group is a text that can be stored."""
    if not isinstance(tag, str) or not tag or "\0" in tag:
        return False
    try:
        tag.encode()
    except UnicodeEncodeError:
        return False
    return True


def user_token(user_id: int | str) -> str:
    """Token of a user; the prefix is always applied, so that no user or group can pose as another kind."""
    return f"u{user_id}"


def group_token(tag: str) -> str:
    """Token of a group."""
    return f"g{tag}"


ADMIN = Actor(admin=True)
ANONYMOUS = Actor()


def known(actor: object, user_id_type: str) -> Actor:
    """``actor``, which must be one: a missing actor is a TypeError, never anonymous and never admin."""
    if not isinstance(actor, Actor):
        raise TypeError("actor must be a cubequery.Actor (cubequery.ADMIN and cubequery.ANONYMOUS exist)")
    return actor.check(user_id_type)


def permitted(actor: Actor, action: str, schema: ClassSchema, user_id_type: str = "Integer") -> Condition:
    """The records on which ``actor`` may do ``action`` (read, update, delete): everything, nothing, or a condition.

    A primary class level decides alone, also against the owner; otherwise the record's own tokens (or its owner and shared
    fields) do. Admin passes; anonymous passes only open reads (Custom Objects API, access control).
    """
    if actor.admin:
        return EVERYTHING
    if actor.user_id is None and action != "read":
        return NOTHING
    level = schema.permissions[action]
    if level.primary:
        return by_class(actor, level, schema, user_id_type)
    if schema.strategy.kind == "owner":
        return _by_owner(actor, schema, user_id_type)
    return Compare(TOKEN_FIELDS[action], IN, list(actor.tokens))


def by_class(actor: Actor, level: ClassLevel, schema: ClassSchema, user_id_type: str) -> Condition:
    """What a class level lets pass, decided from the actor alone but for ``owner``."""
    if actor.admin or level.access == "open":
        return EVERYTHING
    if actor.user_id is None or level.access == "not_allowed":
        return NOTHING
    if level.access == "owner":
        return Compare(schema.names(user_id_type)["user_id"], EQ, actor.user_id)
    if level.access == "open_for_groups":
        return EVERYTHING if set(level.groups) & set(actor.groups) else NOTHING
    return EVERYTHING if actor.user_id in class_users(level, user_id_type) else NOTHING


def class_users(level: ClassLevel, user_id_type: str) -> list[Any]:
    """The ids listed in a class level, in the engine's type. Raises DefinitionError for an id of the other type."""
    own = USER_ID_TYPES[user_id_type]()
    try:
        return [own.read_json(user) for user in level.users]
    except Refused:
        raise DefinitionError([f"permissions: a user id is not of type {user_id_type}"]) from None


def _by_owner(actor: Actor, schema: ClassSchema, user_id_type: str) -> Condition:
    """The owner field and the shared fields; unset and foreign values admit nobody."""
    if actor.user_id is None:
        return NOTHING
    names = schema.names(user_id_type)
    fields = [names["user_id"], *(names[shared] for shared in schema.strategy.shared)]
    members = tuple(Compare(field, EQ, actor.user_id) for field in fields)
    return AnyOf(members) if len(members) > 1 else members[0]


def owned_by(actor: Actor, schema: ClassSchema, user_id_type: str = "Integer") -> Condition:
    """The records that belong to ``actor``; nothing for an actor without user id, whatever records lack."""
    if actor.user_id is None or schema.strategy.kind == "class":
        return NOTHING
    return Compare(schema.names(user_id_type)["user_id"], EQ, actor.user_id)


def may_create(actor: Actor, schema: ClassSchema, user_id_type: str = "Integer") -> bool:
    """Whether ``actor`` may create records of the class; decided without a look at any record."""
    if actor.admin:
        return True
    return actor.user_id is not None and by_class(actor, schema.permissions["create"], schema, user_id_type) == EVERYTHING


def tokens(level: Level, owner: int | str | None) -> list[str]:
    """The token array of a record's level: ``["*"]`` alone for open, else the listed in order, the owner last and once."""
    if level.access == "open":
        return ["*"]
    own = [] if owner is None else [user_token(owner)]
    listed = [*map(user_token, level.users), *map(group_token, level.groups)]
    return [token for token in dict.fromkeys(listed) if token not in own] + own
