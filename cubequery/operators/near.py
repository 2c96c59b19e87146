"""The circle of ``near``: reading its operand, compiling it, deciding it on a sphere of MongoDB's radius."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from bson import Decimal128

from cubequery.errors import Refused
from cubequery.limits import DEFAULT, Limits
from cubequery.ordering import MISSING, NUMBER, type_class
from cubequery.record import Record
from cubequery.values import Float, Location

EARTH = 6_378_100.0
"""Metres: the radius MongoDB divides by."""

_NUMBER, _POINT = Float(), Location()


class Circle(Record):
    """``radius`` metres around a point, great circle, the edge included."""

    lng: float
    lat: float
    radius: float

    def __str__(self) -> str:
        return f"{self.lng!r},{self.lat!r};{self.radius!r}"


def read_circle(text: str, limits: Limits = DEFAULT) -> Circle:
    """``lng,lat;radius`` (Custom Objects API, near). Raises Refused: three numbers in JSON form, no spaces, radius >= 0."""
    point, semicolon, radius = text.partition(";")
    if not semicolon:
        raise Refused("wrong_type")
    lng, lat = _POINT.read_text(point, limits)
    metres = _NUMBER.read_text(radius, limits)
    if metres < 0:
        raise Refused("out_of_range")
    return Circle(lng, lat, metres)


def compile_circle(path: str, circle: Circle) -> dict[str, Any]:
    """Total on every stored value, needs no index, and is legal inside ``$or``, counts and groups."""
    return {path: {"$geoWithin": {"$centerSphere": [[circle.lng, circle.lat], circle.radius / EARTH]}}}


def inside(value: Any, circle: Circle) -> bool:
    """Whether one stored value is a point of the circle; anything that MongoDB would not read as a point is outside."""
    point = _point(value)
    if point is None:
        return False
    lng1, lat1, lng2, lat2 = map(math.radians, (circle.lng, circle.lat, *point))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lng2 - lng1) / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(half))) <= circle.radius


def present(value: Any) -> bool:
    """Whether a path leads to a stored value."""
    return value is not MISSING


def _point(value: Any) -> tuple[float, float] | None:
    """``[x, y, ..]``, a document that begins with two numbers, or a GeoJSON point."""
    if isinstance(value, Mapping):
        if "type" in value or "coordinates" in value:
            if value.get("type") != "Point":
                return None
            value = value.get("coordinates")
            if not isinstance(value, Sequence) or isinstance(value, str):
                return None
        else:
            value = list(value.values())
    if not isinstance(value, list | tuple) or len(value) < 2 or any(type_class(part) != NUMBER for part in value[:2]):
        return None
    lng, lat = (float(part.to_decimal() if isinstance(part, Decimal128) else part) for part in value[:2])
    return (lng, lat) if -180 <= lng <= 180 and -90 <= lat <= 90 else None
