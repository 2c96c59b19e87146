"""What a pydantic model says about one field beside its type: constraints, defaults, whether null is a value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from cubequery.values import FieldType

NAMES: Mapping[str, str] = {"ge": "minimum", "le": "maximum", "max_length": "max_length"}
"""Constraints that a class has under another name or the same."""
STRICT: Mapping[str, tuple[str, int]] = {"gt": ("minimum", 1), "lt": ("maximum", -1)}
"""Open bounds, and the step to the closed one, which only whole numbers have."""
OTHERS = (
    "min_length", "multiple_of", "pattern", "strict", "allow_inf_nan", "coerce_numbers_to_str", "max_digits", "decimal_places",
    "strip_whitespace", "to_upper", "to_lower", "discriminator", "tz", "union_mode", "func", "unit",
)  # fmt: skip
"""Constraints that no class has; one that is switched off binds nothing."""


class Options:
    """Facts of one field, collected from every place where pydantic lets them stand.

    ``kind`` is a field type that an annotation names itself, ``bounds`` are constraints by pydantic's names, ``problems`` what no class
    can say.
    """

    def __init__(self) -> None:
        self.nullable = False
        self.kind: FieldType | type[FieldType] | None = None
        self.bounds: dict[str, Any] = {}
        self.problems: list[str] = []

    def take(self, metadata: Iterable[Any]) -> None:
        """Read what stands behind a type in ``Annotated``, or in ``Field``."""
        for each in metadata:
            if isinstance(each, FieldType) or (isinstance(each, type) and issubclass(each, FieldType)):
                self.kind = each
            elif isinstance(getattr(each, "metadata", None), list):  # a Field inside Annotated
                self.take(each.metadata)
            else:
                self._constraint(each)

    def _constraint(self, each: Any) -> None:
        """A constraint may be said several times; all of them bind, so the tightest is kept."""
        if not _binds(each):
            return
        found = {name: getattr(each, name, None) for name in (*NAMES, *STRICT, *OTHERS)}
        given = {name: value for name, value in found.items() if value is not None and value is not False}
        for name, value in given.items():
            if name in OTHERS:
                self.problems.append(f"no option for {name}")
            else:
                tighter = max if name in ("ge", "gt") else min
                self.bounds[name] = tighter(value, self.bounds.get(name, value))
        if not given and not any(value is False for value in found.values()):
            self.problems.append(f"no option for {type(each).__name__}")

    def read(self, scalar: type | None = None) -> dict[str, Any]:
        """The options of a field type; an open bound of whole numbers is the next closed one, that of others a problem."""
        found = {NAMES[name]: _plain(value) for name, value in self.bounds.items() if name in NAMES}
        for name, (option, step) in STRICT.items():
            if name not in self.bounds:
                continue
            if scalar is int:
                closed = self.bounds[name] + step
                found[option] = (max if step > 0 else min)(closed, found.get(option, closed))
            else:
                self.problems.append(f"no option for {name}")
        return found


def _binds(each: Any) -> bool:
    """Whether pydantic lets it decide over values: it is no note of somebody else's, and no documentation."""
    if hasattr(each, "__get_pydantic_core_schema__"):
        return True
    known = any(base.__module__.startswith(("annotated_types", "pydantic")) for base in type(each).__mro__)
    return known and not hasattr(each, "__get_pydantic_json_schema__")


def read_default(info: Any, options: Options) -> dict[str, Any]:
    """``required`` and ``default`` of a field: what may not be null is required, and a default fills it in."""
    required = {} if options.nullable else {"required": True}
    if info.is_required():
        return required
    if info.default_factory is not None:
        if info.default_factory is not list:
            options.problems.append("no option for default_factory")
        return {**required, "default": []}
    return required if info.default is None else {**required, "default": _plain(info.default)}


def _plain(value: Any) -> Any:
    """A value of the model as a definition writes it down."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, dt.datetime) else value
