"""What a host declares: endpoints and the named predicates that their requests may use. A row of data each, nothing is guessed."""

from __future__ import annotations

from dataclasses import dataclass

LIST, GET, CREATE, UPDATE, DELETE = OPERATIONS = ("list", "get", "create", "update", "delete")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an endpoint.

    ``kind`` is a row of :data:`~cubequery.dialects.cubicl.kinds.KINDS`; it says how the text is read and what it comes to. ``fields`` are
    the fields of the class that it asks, by the names of the class (``contacts[email]`` for a sub-field). ``default`` is the text taken
    where the parameter is absent. ``pair`` names another parameter: the second bound of an ``interval_pair``, the ``flag`` of a ``tree``.
    ``most`` is the highest ``limit``. ``tree`` names the class whose records are the tree that a ``tree`` looks into, each below its
    ``_parent_id`` (None: the endpoint's own class).
    """

    name: str
    kind: str
    fields: str | tuple[str, ...] = ()
    default: str | None = None
    required: bool = False
    pair: str | None = None
    most: int = 100
    tree: str | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """The names of ``fields``, however many."""
        return (self.fields,) if isinstance(self.fields, str) else tuple(self.fields)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The records of one class under one path, such as ``tasks`` or ``chat/threads/:threadId/messages``.

    A word of the path that begins with a colon is a parameter of that name, which must be declared and comes from there only;
    below it records are listed and read, not changed.
    ``operations`` are those of :data:`OPERATIONS` that the endpoint offers. Of the parameters in each tuple of ``one_of`` a list needs at
    least one. ``shown`` are the fields of an answer where the request names none (None: all), ``without`` those never shown or named.
    """

    path: str
    schema: str
    parameters: tuple[Parameter, ...] = ()
    operations: tuple[str, ...] = OPERATIONS
    one_of: tuple[tuple[str, ...], ...] = ()
    shown: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()

    @property
    def in_path(self) -> tuple[str, ...]:
        """The parameters that the path holds, in order."""
        return tuple(word[1:] for word in self.path.split("/") if word.startswith(":"))
