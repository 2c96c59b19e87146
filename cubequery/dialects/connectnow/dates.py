"""Dates of requests: ``[weekday] date [time] [zone]`` or ``@seconds``, and the instants that they begin and end at."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from cubequery import errors
from cubequery.dialects.connectnow.clock import Clock, find_clock, past_separators
from cubequery.dialects.connectnow.forms import Written, find_date
from cubequery.dialects.connectnow.splitting import trimmed
from cubequery.dialects.connectnow.zones import UTC, Zone, read_zone, to_utc, zone_setting
from cubequery.errors import Refused, RequestError
from cubequery.limits import DEFAULT, Limits
from cubequery.values import short
from cubequery.values.scalars import whole

LAST = dt.datetime(9999, 12, 31, 23, 59, 59, 999_000)
"""The last instant that a stored date has."""
_EPOCH = dt.datetime(1970, 1, 1)
_SECONDS = re.compile(r"@(-?)([0-9]+)(?:\.([0-9]+))?")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = re.compile(f"(?i:{'|'.join(f'({day[:3]})(?:{day[3:]})?' for day in _DAYS)})[.,]?")


@dataclass(frozen=True, slots=True)
class Moment:
    """What a date of a request stands for. ``instant`` is naive UTC in whole seconds: the time written, or the start of the day.

    ``next_day`` is the start of the next calendar day in the date's own zone, naive UTC; None where it cannot be written,
    and where a time of day was (``has_time``).
    """

    instant: dt.datetime
    has_time: bool
    zone: Zone
    next_day: dt.datetime | None

    @property
    def before(self) -> tuple[Literal["lt", "lte"], dt.datetime]:
        """Operator and operand of ``before``: up to and including a time that was written, else the whole day."""
        if self.has_time:
            return "lte", self.instant
        return ("lte", LAST) if self.next_day is None else ("lt", self.next_day)


def read_date(text: object, timezone: str = "UTC") -> dt.datetime:
    """The naive UTC instant, in whole seconds, that ``after`` takes of a date; ``timezone`` is the zone of texts that write none.

    Only full dates that exist are read, never one that depends on the time of reading. Raises RequestError 422 under the key
    ``base`` (``wrong_type``, ``out_of_range``, ``too_big``), DefinitionError for a ``timezone`` that is none.
    """
    try:
        return read_moment(text, timezone).instant
    except Refused as refused:
        raise RequestError([errors.refused(refused.code, "Date", "base")]) from None


def read_moment(text: object, timezone: str = "UTC", limits: Limits = DEFAULT) -> Moment:
    """The same with all that ``before`` needs. Raises :class:`Refused` instead, also for what is no text."""
    default = zone_setting(timezone)
    if not isinstance(text, str):
        raise Refused("wrong_type")
    given = short(trimmed(text), limits.max_date_chars)
    if not given.isascii():
        raise Refused("wrong_type")
    if given.startswith("@"):
        return Moment(_from_seconds(given), True, UTC, None)
    weekday = _WEEKDAY.match(given)
    written = find_date(given, past_separators(given, weekday.end()) if weekday else 0)
    clock = find_clock(given, written.end)
    if clock is not None and clock.fraction and not written.iso:
        raise Refused("wrong_type")
    zone = _zone(given, written, clock, default)
    date = _on_weekday(written, clock, weekday) if weekday else written.date
    if clock is not None:
        return Moment(to_utc(date, clock.after_midnight, zone), True, zone, None)
    return Moment(to_utc(date, dt.timedelta(), zone), False, zone, _next_day(date, zone))


def _from_seconds(text: str) -> dt.datetime:
    """Unix seconds, rounded down."""
    match = _SECONDS.fullmatch(text)
    if match is None:
        raise Refused("wrong_type")
    sign, seconds, fraction = match.groups(default="")
    below = sign == "-" and fraction.strip("0") != ""
    try:
        return _EPOCH + dt.timedelta(seconds=whole(sign + (seconds.lstrip("0") or "0")) - below)
    except OverflowError:
        raise Refused("out_of_range") from None


def _zone(text: str, written: Written, clock: Clock | None, default: Zone) -> Zone:
    """The zone at the end of the text, else the default. Raises :class:`Refused`, also for separators that separate nothing."""
    end = written.end if clock is None else clock.end
    if end == len(text):
        return default
    start = past_separators(text, end)
    rest = text[start:]
    if start == end and not _may_touch(rest, written, clock):
        raise Refused("wrong_type")
    return read_zone(rest)


def _may_touch(zone: str, written: Written, clock: Clock | None) -> bool:
    if clock is None:
        return written.iso
    return clock.form == "colons" or (clock.form == "digits" and zone in ("Z", "z"))


def _on_weekday(written: Written, clock: Clock | None, weekday: re.Match[str]) -> dt.date:
    """The date, moved forward to the weekday before it. Raises :class:`Refused` where the framework would read something else."""
    if written.week or (clock is not None and clock.hour == 24):
        raise Refused("wrong_type")
    days = (weekday.lastindex or 1) - 1 - written.date.weekday()
    try:
        return written.date + dt.timedelta(days=days % 7)
    except OverflowError:
        raise Refused("out_of_range") from None


def _next_day(date: dt.date, zone: Zone) -> dt.datetime | None:
    try:
        return to_utc(date + dt.timedelta(days=1), dt.timedelta(), zone)
    except (OverflowError, Refused):
        return None
