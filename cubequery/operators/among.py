"""Whether a value equals one of many: operands by class of type, so that a foreign value costs one look-up and not as many as there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bson import Decimal128

from cubequery.ordering import NUMBER, equal, is_nan, type_class


def among(items: Sequence[Any]) -> Callable[[Any], bool]:
    """Equality as ``$in`` has it. Numbers of all stored types are in one set: Python hashes and compares them by exact value too."""
    classes: dict[int, list[Any]] = {}
    for item in items:
        classes.setdefault(type_class(item), []).append(item)
    numbers = classes.pop(NUMBER, [])
    exact, nan = frozenset(_exact(item) for item in numbers if not is_nan(item)), any(map(is_nan, numbers))

    def is_among(value: Any) -> bool:
        kind = type_class(value)
        if kind == NUMBER:
            return nan if is_nan(value) else _exact(value) in exact
        return any(equal(value, item) for item in classes.get(kind, ()))

    return is_among


def _exact(number: Any) -> Any:
    return number.to_decimal() if isinstance(number, Decimal128) else number
