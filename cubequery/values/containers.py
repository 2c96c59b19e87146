"""Array, Location, File and Object: values that are more than one scalar."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from bson import Int64

from cubequery.errors import DefinitionError, Refused
from cubequery.limits import DEFAULT, Limits
from cubequery.values.base import FieldType, short
from cubequery.values.scalars import Boolean, Float, Integer, String

_NUMBER = Float()
ELEMENTS: tuple[type[FieldType], ...] = (Integer, Float, String, Boolean)


class Array(FieldType):
    """List of one element type: Integer, Float, Boolean or String (the default). Elements are never null."""

    name, bson = "Array", ("array",)
    takes = FieldType.takes | {"max_length", "choices", "minimum", "maximum"}
    _extra = {"Integer": {"choices", "minimum", "maximum"}, "Float": {"choices", "minimum", "maximum"}, "String": {"choices"}}  # noqa: RUF012 -- a constant table

    def __init__(self, of: FieldType | type[FieldType] = String, **options: Any) -> None:
        element = of() if isinstance(of, type) else of
        if type(element) not in ELEMENTS or element.options:
            raise DefinitionError(["elements of an Array are plain Integer, Float, Boolean or String"])
        unknown = sorted(set(options) & {"choices", "minimum", "maximum"} - self._extra.get(element.name, set()))
        if unknown:
            raise TypeError(f"Array of {element.name} has no option {', '.join(unknown)}")
        super().__init__(**options)
        self._element = element
        self._judge = type(element)(**{name: options[name] for name in ("choices", "minimum", "maximum") if name in options})

    @property
    def kind(self) -> str:  # type: ignore[override]  # the column depends on the elements
        return f"{self._element.name}_a"

    @property
    def element(self) -> FieldType:
        return self._element

    def read_text(self, text: str, limits: Limits = DEFAULT) -> list[Any]:
        """One element; lists are split by the reader of the parameter, which knows where they may stand."""
        return [self._element.read_text(text, limits)]

    def read_json(self, value: Any, limits: Limits = DEFAULT) -> list[Any]:
        """A list of elements, or one element."""
        if not isinstance(value, list | tuple):
            return [self._element.read_json(value, limits)]
        read = self._element.read_json
        result = []
        for place, item in enumerate(value):
            try:
                result.append(read(item, limits))
            except Refused as refused:
                raise Refused(refused.code, place) from None
        return result

    def owns(self, stored: Any) -> bool:
        return isinstance(stored, list)

    def render(self, stored: Any) -> Any:
        return self.show(stored) if type(stored) is list else super().render(stored)

    def show(self, stored: Any) -> list[Any]:
        same, render = self._element.same, self._element.render
        return [item if type(item) in same else render(item) for item in stored]

    def judge(self, value: Any) -> str | None:
        if self.max_length is not None and len(value) > self.max_length:
            return "too_big"
        return next(filter(None, map(self._judge.judge, value)), None)

    def problems(self) -> Iterable[str]:
        yield from super().problems()

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and isinstance(other, Array) and self._element == other._element

    __hash__ = FieldType.__hash__


class Location(FieldType):
    """A pair ``[longitude, latitude]``: JSON list, or text ``lng,lat``; -180..180 and -90..90, ends included."""

    name, kind, bson = "Location", "Location", ("array",)

    def read_text(self, text: str, limits: Limits = DEFAULT) -> list[float]:
        return self._pair([_NUMBER.read_text(part, limits) for part in short(text, limits.max_scalar_chars).split(",", 2)])

    def read_json(self, value: Any, limits: Limits = DEFAULT) -> list[float]:
        if isinstance(value, list | tuple):
            if len(value) != 2:
                raise Refused("wrong_type")
            return self._pair([_NUMBER.read_json(part, limits) for part in value])
        return super().read_json(value, limits)  # type: ignore[no-any-return]  # the base speaks of any type

    def _pair(self, numbers: list[float]) -> list[float]:
        if len(numbers) != 2:
            raise Refused("wrong_type")
        if not (-180 <= numbers[0] <= 180 and -90 <= numbers[1] <= 90):
            raise Refused("out_of_range")
        return numbers

    def owns(self, stored: Any) -> bool:
        return (
            isinstance(stored, list)
            and len(stored) == 2
            and all(type(part) in (int, float, Int64) and math.isfinite(part) for part in stored)
            and -180 <= stored[0] <= 180
            and -90 <= stored[1] <= 90
        )

    def show(self, stored: Any) -> list[float]:
        return [_NUMBER.show(part) for part in stored]

    def print(self, operand: Any) -> str:
        return ",".join(_NUMBER.print(part) for part in operand)


class File(FieldType):
    """A stored file, set through the file routes; conditions compare its ``file_id`` text."""

    name, kind, bson = "File", "File", ("object",)
    takes = frozenset({"stored"})

    def read_text(self, text: str, limits: Limits = DEFAULT) -> str:
        return _TEXT.read_text(text, limits)

    def owns(self, stored: Any) -> bool:
        return isinstance(stored, Mapping) and "file_id" in stored

    def show(self, stored: Any) -> dict[str, Any]:
        return {name: _plain(stored.get(name)) for name in ("file_id", "size", "name", "content_type")}


_TEXT = String()


def _plain(value: Any) -> Any:
    """A file's property as JSON: ids become their text."""
    if value is None or type(value) in (str, bool, int, float):
        return value
    return int(value) if isinstance(value, int) else str(value)


class Object(FieldType):
    """Declared sub-fields of any type, at most four Objects one in another; changed sub-field by sub-field."""

    name, kind, bson = "Object", "Object", ("object",)
    takes = frozenset({"required", "stored"})

    def __init__(self, fields: Mapping[str, FieldType | type[FieldType]], **options: Any) -> None:
        super().__init__(**options)
        self.fields: dict[str, FieldType] = {name: kind() if isinstance(kind, type) else kind for name, kind in fields.items()}

    def problems(self) -> Iterable[str]:
        if not self.fields:
            yield "fields are empty"
        yield from super().problems()

    def owns(self, stored: Any) -> bool:
        return isinstance(stored, Mapping)

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other) and isinstance(other, Object) and self.fields == other.fields

    __hash__ = FieldType.__hash__
