"""Date fields and the two times of a record: Unix seconds or ISO 8601 in, UTC dates of a fixed resolution out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

from bson import DatetimeMS

from cubequery.errors import Refused
from cubequery.limits import DEFAULT, Limits
from cubequery.ordering import milliseconds
from cubequery.values.base import FieldType, short
from cubequery.values.scalars import whole

_EPOCH = dt.datetime(1970, 1, 1)
FIRST, LAST = -62_135_596_800, 253_402_300_799
"""Unix seconds of the first and the last second of the years 1 to 9999."""
_SECONDS = re.compile(r"-?(?:0|[1-9][0-9]*)", re.ASCII)
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?)?(?:(Z)|([+-])([0-9]{2}):([0-9]{2}))?",
    re.ASCII,
)


class Date(FieldType):
    """A UTC date, years 1-9999, cut down to ``resolution``: ``"s"`` (default) or ``"ms"``."""

    name, kind, bson = "Date", "Date", ("date",)
    takes = FieldType.takes | {"minimum", "maximum", "resolution"}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.resolution: str = options.get("resolution", "s")
        self._shown = "milliseconds" if self.resolution == "ms" else "seconds"

    def problems(self) -> Iterable[str]:
        if self.resolution not in ("s", "ms"):
            yield 'resolution must be "s" or "ms"'
        else:
            yield from super().problems()

    def read_text(self, text: str, limits: Limits = DEFAULT) -> dt.datetime:
        if _SECONDS.fullmatch(short(text, limits.max_date_chars)):
            return self._from_seconds(whole(text))
        match = _ISO.fullmatch(text)
        if match is None:
            raise Refused("wrong_type")
        return self._from_iso(match)

    def read_json(self, value: Any, limits: Limits = DEFAULT) -> dt.datetime:
        if type(value) is int:
            return self._from_seconds(value)
        return super().read_json(value, limits)  # type: ignore[no-any-return]  # the base speaks of any type

    def _from_seconds(self, seconds: int) -> dt.datetime:
        if not FIRST <= seconds <= LAST:
            raise Refused("out_of_range")
        return _EPOCH + dt.timedelta(seconds=seconds)

    def _from_iso(self, match: re.Match[str]) -> dt.datetime:
        year, month, day, hour, minute, second, fraction, _, sign, zone_hour, zone_minute = match.groups()
        digits = (fraction or "")[:3].ljust(3, "0") if self.resolution == "ms" else "0"
        if zone_hour and not (zone_hour < "24" and zone_minute < "60"):
            raise Refused("wrong_type")
        if year == "0000" and (1, 1) <= (int(month), int(day)) <= (12, 31):
            raise Refused("out_of_range")
        try:
            local = dt.datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), int(digits) * 1000)
        except ValueError:
            raise Refused("wrong_type") from None
        east = dt.timedelta(hours=int(zone_hour or 0), minutes=int(zone_minute or 0)) * (-1 if sign == "-" else 1)
        try:
            return local - east
        except OverflowError:
            raise Refused("out_of_range") from None

    def owns(self, stored: Any) -> bool:
        if isinstance(stored, DatetimeMS):
            return FIRST * 1000 <= int(stored) < (LAST + 1) * 1000
        return isinstance(stored, dt.datetime)

    def render(self, stored: Any) -> Any:
        # As pymongo gives it: what is left out by isoformat is cut off, and not rounded.
        if type(stored) is dt.datetime and stored.tzinfo is None:
            return f"{stored.isoformat(timespec=self._shown)}Z"
        return super().render(stored)

    def show(self, stored: Any) -> Any:
        return self.render(_EPOCH + dt.timedelta(milliseconds=milliseconds(stored)))

    def print(self, operand: Any) -> str:
        return str(self.show(operand))

    def judge(self, value: Any) -> str | None:
        low, high = self.minimum, self.maximum
        if (low is not None and value < self.read_json(low)) or (high is not None and value > self.read_json(high)):
            return "out_of_range"
        return None


class Time(Date):
    """``created_at`` and ``updated_at``: read as a Date of whole seconds, rendered as Unix seconds."""

    kind = "time"

    def render(self, stored: Any) -> Any:
        if type(stored) is dt.datetime and stored.tzinfo is None:
            since = stored - _EPOCH
            return since.days * 86_400 + since.seconds  # the rest of a second is left out, before 1970 too
        return FieldType.render(self, stored)

    def show(self, stored: Any) -> int:
        return milliseconds(stored) // 1000
