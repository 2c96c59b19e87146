"""A second reading of dates, by cutting the text at every place and looking at the pieces: slow, without a pattern, made to be compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from tests.dialects.date_model_forms import NoSuchDate, date_of, is_form, number

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ZONES = {"z": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
         "cet": 1, "cest": 2, "bst": 1}  # fmt: skip
NAMED = ("Europe/London", "America/New_York", "Asia/Kolkata")
"""The named zones that the model knows."""

Found = tuple[dt.datetime, bool, dt.datetime | None]
Zone = dt.timedelta | ZoneInfo


def read(text: str) -> Found | None:
    """Instant, whether a time is written, start of the next day; None where the text is refused."""
    text = text.strip(" \t\n\r\v\0")
    if len(text) > 128 or not text.isascii():
        return None
    try:
        return _seconds(text[1:]) if text.startswith("@") else _full(text)
    except (NoSuchDate, OverflowError, ValueError):
        return None


def _seconds(text: str) -> Found | None:
    whole, dot, fraction = text.partition(".")
    if not whole.removeprefix("-").isdigit() or (dot and not fraction.isdigit()):
        return None
    exact = int(whole) * 10 ** len(fraction) + int(fraction or 0) * (-1 if whole.startswith("-") else 1)
    return dt.datetime(1970, 1, 1) + dt.timedelta(seconds=exact // 10 ** len(fraction)), True, None


def _full(text: str) -> Found | None:
    wanted, rest = _weekday(text)
    end = next((end for end in range(len(rest), 0, -1) if is_form(rest[:end])), 0)
    if not end or rest[end : end + 1].isdigit():
        return None
    date, week = date_of(rest[:end])
    iso = [len(piece) for piece in rest[:end].split("-")] == [4, 2, 2]
    readings = list(_behind(rest[end:], iso))
    if not readings:
        return None
    (clock, zone), *others = readings
    assert not others, (text, readings)
    if wanted is not None:
        if week or (clock and clock[0] == 24):
            return None
        date += dt.timedelta(days=(wanted - date.weekday()) % 7)
    hour, minute, second = clock or (0, 0, 0)
    instant = _utc(date, dt.timedelta(hours=hour, minutes=minute, seconds=second), zone)
    return instant, clock is not None, None if clock else _next(date, zone)


def _next(date: dt.date, zone: Zone) -> dt.datetime | None:
    try:
        return _utc(date + dt.timedelta(days=1), dt.timedelta(), zone)
    except OverflowError:
        return None


def _utc(date: dt.date, after: dt.timedelta, zone: Zone) -> dt.datetime:
    midnight = dt.datetime(date.year, date.month, date.day)
    if isinstance(zone, ZoneInfo):
        return (midnight + after).replace(tzinfo=zone).astimezone(dt.UTC).replace(tzinfo=None)
    return midnight + (after - zone)


def _weekday(text: str) -> tuple[int | None, str]:
    for place, name in enumerate(DAYS):
        for spelled in (name, name[:3]):
            if text.lower().startswith(spelled):
                rest = text[len(spelled) :]
                return place, (rest[1:] if rest[:1] in (".", ",") else rest).lstrip(" \t,")
    return None, text


def _behind(text: str, iso: bool) -> Iterator[tuple[tuple[int, int, int] | None, Zone]]:
    """Every way to read the rest as a time and a zone."""
    if not text:
        yield None, dt.timedelta()
    else:
        zone = text.lstrip(" \t,")
        if zone != text or iso:
            yield from ((None, found) for found in _zone(zone))
    for end in range(1, len(text) + 1):
        piece, rest = text[:end], text[end:]
        zone = rest.lstrip(" \t,")
        for clock, touching in _clock(piece.lstrip(" \t,"), piece, iso):
            if not rest:
                yield clock, dt.timedelta()
            elif zone != rest or touching == "any" or (touching == "z" and zone in ("Z", "z")):
                yield from ((clock, found) for found in _zone(zone))


def _zone(text: str) -> Iterator[Zone]:
    if text.lower() in ZONES:
        yield dt.timedelta(hours=ZONES[text.lower()])
    elif text in NAMED:
        yield ZoneInfo(text)
    offset = text.removeprefix("GMT")
    sign, digits = offset[:1], offset[1:]
    if sign not in ("+", "-"):
        return
    hour, colon, minute = digits.partition(":")
    if not colon and len(digits) == 4:
        hour, colon, minute = digits[:2], ":", digits[2:]
    if number(hour, (1, 2), 24) and (number(minute, (2,), 59) if colon else True):
        east = dt.timedelta(hours=int(hour), minutes=int(minute or 0))
        yield east if sign == "+" else -east


def _clock(text: str, piece: str, iso: bool) -> Iterator[tuple[tuple[int, int, int], str]]:
    """The time that a whole text spells, and which zone may touch it."""
    lower = text.lower()
    if lower in ("noon", "midnight"):
        yield (12 if lower == "noon" else 0, 0, 0), ""
    for half in ("am", "pm", "a.m.", "p.m."):
        if lower.endswith(half):
            parts = text[: -len(half)].rstrip(" \t").split(":")
            if len(parts) < 4 and number(parts[0], (1, 2), 12) and int(parts[0]) and _minutes(parts[1:]):
                yield _time([str(int(parts[0]) % 12 + 12 * (half[0] == "p")), *parts[1:]]), ""
    bare = text[1:] if text[:1] in ("T", "t") else text
    if bare != piece and number(bare, (2,), 24) and piece == text:
        yield _time([bare]), ""
    if bare.isdigit() and len(bare) in (4, 6):
        pairs = [bare[place : place + 2] for place in range(0, len(bare), 2)]
        if int(pairs[0]) <= 24 and _minutes(pairs[1:]):
            yield _time(pairs), "z"
    parts = bare.split(".")
    if len(parts) in (2, 3) and number(parts[0], (1, 2), 24) and _minutes(parts[1:]):
        yield _time(parts), ""
    parts = bare.split(":")
    if len(parts) == 3 and iso and parts[2][3:].isdigit() and parts[2][2] == ".":
        parts[2] = parts[2][:2]
    if len(parts) in (2, 3) and number(parts[0], (1, 2), 24) and _minutes(parts[1:]):
        yield _time(parts), "any"


def _minutes(parts: list[str]) -> bool:
    return all(number(part, (2,), 59 if place == 0 else 60) for place, part in enumerate(parts))


def _time(parts: list[str]) -> tuple[int, int, int]:
    hour, minute, second = (int(part) for part in [*parts, "0", "0"][:3])
    return hour, minute, second
