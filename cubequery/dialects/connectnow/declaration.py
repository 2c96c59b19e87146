"""What a host declares: endpoints, and what each of their requests may use. A row of data each, nothing is guessed."""

from __future__ import annotations

from dataclasses import dataclass

LIST, GET, CREATE, UPDATE, DELETE = OPERATIONS = ("list", "get", "create", "update", "delete")
TOKEN = "api_token"
PARAMETERS = ("before", "after", "scopes", "with", "withCount", "page", "per_page", TOKEN)
"""Names that mean something at every endpoint."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A further parameter of a list.

    ``kind`` is ``equals``, ``any_of`` (the parameter is an array), ``array_contains``, ``tri_state``, ``word_prefix`` or ``text``, as
    they are in :mod:`cubequery.dialects.cubicl`; ``fields`` are the fields of the class that it asks, ``choices`` the only texts taken.
    """

    name: str
    kind: str
    fields: str | tuple[str, ...]
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The records of one class under one path below ``/api``, such as ``users``.

    ``scopes`` are those of the class that requests may name, beside ``latest``; ``expansions`` whole dotted paths of relations such as
    ``users.pets``; ``counts`` names of relations. ``public``: who gives no token is the anonymous actor. ``rate`` is one of its own,
    such as ``"1/minute"``, beside the dialect's. Where it is not ``paginated``, a list is a bare array of everything.
    """

    path: str
    schema: str
    operations: tuple[str, ...] = OPERATIONS
    scopes: tuple[str, ...] = ()
    expansions: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    paginated: bool = True
    public: bool = False
    rate: str | None = None
