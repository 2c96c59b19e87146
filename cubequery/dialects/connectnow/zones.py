"""Time zones as a request or a setting may write them: offsets, a few abbreviations, names of the zone database."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cubequery.errors import DefinitionError, Refused

Zone: TypeAlias = dt.timedelta | ZoneInfo
"""What is east of UTC by a fixed time (up to 24 hours 59 minutes, more than ``datetime.timezone`` holds), or has rules of its own."""

UTC = dt.timedelta()
_HOURS = {
    "z": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "cet": 1, "cest": 2, "bst": 1,
}  # fmt: skip
"""Abbreviations, each one offset in any season."""
_OFFSET = re.compile(r"(?:GMT)?([+-])(?:([0-9]{2})([0-9]{2})|([0-9]{1,2})(?::([0-9]{2}))?)")


def read_zone(text: str) -> Zone:
    """The zone that a text writes: ``+2``, ``-0530``, ``GMT+02:00``, ``est``, ``Europe/London``. Raises :class:`Refused`.

    Names are compared with the zone database exactly, capitals included, before any file of it is opened; where the system has
    no database and the package ``tzdata`` is not installed, every name is refused.
    """
    hours = _HOURS.get(text.lower())
    if hours is not None:
        return dt.timedelta(hours=hours)
    if offset := _OFFSET.fullmatch(text):
        sign, *digits = offset.groups(default="0")
        hour, minute = int(digits[0]) + int(digits[2]), int(digits[1]) + int(digits[3])
        if hour <= 24 and minute <= 59:
            return dt.timedelta(hours=hour, minutes=minute) * (-1 if sign == "-" else 1)
    elif "/" in text and text in known_names():
        try:
            return ZoneInfo(text)
        except ZoneInfoNotFoundError:  # the database lost the name since it was listed
            pass
    raise Refused("wrong_type")


def zone_setting(text: object) -> Zone:
    """The zone of texts that write none, spelled as a request would spell it. Raises DefinitionError."""
    try:
        return read_zone(text if isinstance(text, str) else "")
    except Refused:
        raise DefinitionError(["timezone must be a zone such as UTC, +02:00 or Europe/London that is known here"]) from None


def to_utc(date: dt.date, after_midnight: dt.timedelta, zone: Zone) -> dt.datetime:
    """The naive UTC instant of a local date and time. Raises :class:`Refused` outside the years 1 to 9999.

    A time that a zone leaves out moves forward by the gap; of one that comes twice, the first counts.
    """
    midnight = dt.datetime.combine(date, dt.time())
    try:
        if isinstance(zone, dt.timedelta):
            return midnight + (after_midnight - zone)
        local = midnight + after_midnight
        # `fold` is 0: of two offsets the earlier one, which is also the one that carries a time in a gap over it.
        return local - (local.replace(tzinfo=zone).utcoffset() or UTC)
    except OverflowError:
        raise Refused("out_of_range") from None


@lru_cache(maxsize=1)
def known_names() -> frozenset[str]:
    """The names of the zone database, listed once; none where there is no database."""
    return frozenset(available_timezones())
