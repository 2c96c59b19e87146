"""What every field type can do: read an operand from text or JSON, know its own stored values, render them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, ClassVar, Final

from cubequery.errors import Refused
from cubequery.limits import DEFAULT, Limits


class Unset:
    """Stands for an option that was not given, where None would be a value."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


class Huge:
    """A JSON integer with more digits than any type can hold; it is never converted."""


class FieldType:
    """Root of the field types.

    ``kind`` is the column of the operator table, ``name`` the type's name in definitions and error texts, ``bson`` the
    names of the stored types that are its own (anything else is foreign and rendered as null). Options that a type does not
    take are refused by its constructor's signature when written in Python, by the schema when read from JSON.
    """

    name: str
    kind: str
    bson: tuple[str, ...]
    takes: ClassVar[frozenset[str]] = frozenset({"required", "default", "stored"})
    same: ClassVar[frozenset[type]] = frozenset({type(None)})
    """Classes of stored values, null among them, whose JSON form is the value itself: :meth:`render` would give it back."""

    def __init__(self, **options: Any) -> None:
        unknown = sorted(set(options) - self.takes)
        if unknown:
            raise TypeError(f"{self.name} has no option {', '.join(unknown)}")
        self.options: Mapping[str, Any] = deepcopy(options)
        self.required: bool = options.get("required", False)
        self.default: Any = options.get("default", UNSET)
        choices = options.get("choices")
        self.choices: tuple[Any, ...] | None = tuple(choices) if isinstance(choices, list | tuple) else None
        self.minimum: Any = options.get("minimum")
        self.maximum: Any = options.get("maximum")
        self.max_length: int | None = options.get("max_length")
        self.stored: str | None = options.get("stored")

    @property
    def element(self) -> FieldType:
        """Type of one element; the type itself where it holds no elements."""
        return self

    def read_text(self, text: str, limits: Limits = DEFAULT) -> Any:
        """Cast decoded text. Raises :class:`Refused` with ``wrong_type``, ``out_of_range`` or ``too_big``."""
        raise Refused("wrong_type")

    def read_json(self, value: Any, limits: Limits = DEFAULT) -> Any:
        """Cast a JSON value that is not null. Raises as :meth:`read_text`."""
        if type(value) is str:
            return self.read_text(value, limits)
        raise Refused("too_big" if isinstance(value, Huge) else "wrong_type")

    def owns(self, stored: Any) -> bool:
        """Whether a stored value that is not null is one of this type's own."""
        raise TypeError(self.name)

    def render(self, stored: Any) -> Any:
        """JSON form of a stored value; None for null and for a foreign value."""
        return self.show(stored) if stored is not None and self.owns(stored) else None

    def show(self, stored: Any) -> Any:
        """JSON form of one of the type's own values."""
        return stored

    def print(self, operand: Any) -> str:
        """Text that :meth:`read_text` reads back as ``operand``."""
        return str(operand)

    def judge(self, value: Any) -> str | None:
        """Code of the first field option that a written value breaks, or None (Custom Objects API, field options)."""
        return None

    def problems(self) -> Iterable[str]:
        """What is wrong with the options themselves; nothing where they are sound."""
        if type(self.required) is not bool:
            yield "required must be true or false"
        if self.default is None and self.required:
            yield "required contradicts default null"
        if self.stored is not None and type(self.stored) is not str:
            yield "stored must be a text"
        yield from self._check_values()

    def _check_values(self) -> Iterable[str]:
        """Each value among the options must cast to the type, and they must not contradict one another."""
        default = () if self.default is UNSET or self.default is None else (self.default,)
        bounds = {name: () if value is None else (value,) for name, value in (("minimum", self.minimum), ("maximum", self.maximum))}
        given: dict[str, Iterable[Any]] = {"default": default, "choices": self.choices or (), **bounds}
        sound = True
        for option, values in given.items():
            reader = self if option == "default" else self.element
            for value in values:
                try:
                    reader.read_json(value)
                except Refused:
                    sound = False
                    yield f"{option} does not fit {self.name}"
                    break
        if self.options.get("choices") is not None and not self.choices:
            sound = False
            yield "choices must be a list that is not empty"
        if self.max_length is not None and (type(self.max_length) is not int or self.max_length < 1):
            sound = False
            yield "max_length must be a positive integer"
        if sound:
            yield from self._contradictions()

    def _contradictions(self) -> Iterable[str]:
        element = self.element
        if self.minimum is not None and self.maximum is not None and element.read_json(self.minimum) > element.read_json(self.maximum):
            yield "minimum is above maximum"
        if any(self.judge([own] if element is not self else own) for own in map(element.read_json, self.choices or ())):
            yield "choices break the other options"
        if self.default is not UNSET and self.default is not None and self.judge(self.read_json(self.default)):
            yield "default breaks the other options"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.options == getattr(other, "options", None)

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in self.options.items())
        return f"{type(self).__name__}({options})"


class Anything(FieldType):
    """A path that no class declares: conditions from the host, over values of any type."""

    name, kind, bson = "Any", "any", ()

    def owns(self, stored: Any) -> bool:
        return True


def short(text: str, limit: int) -> str:
    """``text``, refused as ``too_big`` above ``limit`` characters, before any conversion."""
    if len(text) > limit:
        raise Refused("too_big")
    return text
