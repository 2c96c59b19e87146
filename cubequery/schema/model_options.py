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
OTHERS = ("min_length", "multiple_of", "pattern", "strict", "coerce_numbers_to_str", "max_digits", "decimal_places", "strip_whitespace",
          "to_upper", "to_lower", "discriminator", "tz", "union_mode", "func", "unit")  # fmt: skip


class Options:
    """Facts of one field, collected from every place where pydantic lets them stand.

    ``kind`` is a field type that an annotation names itself, ``open`` holds open bounds, ``problems`` what no class can say.
    """

    def __init__(self) -> None:
        self.nullable = False
        self.kind: FieldType | type[FieldType] | None = None
        self.bounds: dict[str, Any] = {}
        self.open: dict[str, Any] = {}
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
        if not _binds(each):
            return
        before = len(self.bounds) + len(self.open) + len(self.problems)
        for name in (*NAMES, *STRICT, *OTHERS):
            value = getattr(each, name, None)
            if value is None or value is False:
                continue
            if name in NAMES:
                self.bounds[NAMES[name]] = _plain(value)
            elif name in STRICT:
                self.open[name] = value
            else:
                self.problems.append(f"no option for {name}")
        if len(self.bounds) + len(self.open) + len(self.problems) == before:
            self.problems.append(f"no option for {type(each).__name__}")


def _binds(each: Any) -> bool:
    """Whether pydantic lets it decide over values, and a class does not hold it anyway: no note, no documentation, no infinite Float."""
    if getattr(each, "strict", None) is False or getattr(each, "allow_inf_nan", None) is False:
        return False
    if hasattr(each, "__get_pydantic_core_schema__"):
        return True
    known = any(base.__module__.startswith(("annotated_types", "pydantic")) for base in type(each).__mro__)
    return known and not hasattr(each, "__get_pydantic_json_schema__")


def read_options(options: Options, scalar: type) -> dict[str, Any]:
    """The options of a scalar field; an open bound of whole numbers is the next closed one, that of others a problem."""
    found = dict(options.bounds)
    for name, value in options.open.items():
        option, step = STRICT[name]
        if scalar is not int:
            options.problems.append(f"no option for {name}")
            continue
        found[option] = (max if step > 0 else min)(value + step, found.get(option, value + step))
    return found


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
