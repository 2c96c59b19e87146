"""The date forms of the plain model: a whole text cut at its dashes, dots, slashes, or where letters meet digits."""

from __future__ import annotations

import datetime as dt
from itertools import groupby

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
ROMANS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
SUFFIXES = ("st", "nd", "rd", "th")


class NoSuchDate(Exception):
    """A form is there, but the date it spells is not."""


def number(text: str, lengths: tuple[int, ...], most: int = 9999) -> bool:
    return text.isdigit() and len(text) in lengths and int(text) <= most


def _day(text: str) -> bool:
    return number(text, (1, 2), 31)


def _month(text: str) -> bool:
    return number(text, (1, 2), 12)


def _year(text: str) -> bool:
    return number(text, (1, 2, 3, 4))


def _named(text: str) -> int:
    """The number of a month's name, 0 for none."""
    names = {**{name: number for number, name in enumerate(MONTHS, 1)}, **{name[:3]: number for number, name in enumerate(MONTHS, 1)}}
    return {**names, "sept": 9}.get(text.lower(), 0)


def _short(text: str) -> int:
    return _named(text) if len(text) == 3 or text.lower() == "sept" else 0


def is_form(text: str) -> bool:
    try:
        return date_of(text) is not None
    except (NoSuchDate, ValueError, OverflowError):
        return True
    except LookupError:
        return False


def date_of(text: str) -> tuple[dt.date, bool]:
    """The date, and whether it is a week's. Raises LookupError where the text is in no form."""
    if week := _week(text):
        return week, True
    year, month, day = _in_numbers(text) or _in_words(text) or _nothing()
    value = int(year)
    if len(year) < 4 and value < 100:
        value += 1900 if value >= 70 else 2000
    return dt.date(value, int(month), int(day)), False


def _nothing() -> tuple[str, str, str]:
    raise LookupError


def _in_numbers(text: str) -> tuple[str, str, str] | None:
    dashes, slashes, dots, mixed = (text.split("-"), text.split("/"), text.split("."), text.replace(".", "-").split("-"))
    if len(dashes) == 3 and _year(dashes[0]) and _month(dashes[1]) and _day(dashes[2]):
        return dashes[0], dashes[1], dashes[2]
    if len(dashes) == 2 and number(dashes[0], (4,)) and _month(dashes[1]):
        return dashes[0], dashes[1], "1"
    if number(text, (8,), 99999999) and _month(text[4:6]) and _day(text[6:]):
        return text[:4], text[4:6], text[6:]
    if len(slashes) == 3 and number(slashes[0], (4,)) and _month(slashes[1]) and _day(slashes[2]):
        return slashes[0], slashes[1], slashes[2]
    if len(slashes) == 3 and _month(slashes[0]) and _day(slashes[1]) and _year(slashes[2]):
        return slashes[2], slashes[0], slashes[1]
    if len(mixed) == 3 and _day(mixed[0]) and _month(mixed[1]) and number(mixed[2], (4,)):
        return mixed[2], mixed[1], mixed[0]
    if len(dots) == 3 and _day(dots[0]) and _month(dots[1]) and number(dots[2], (2,)):
        if int(dots[0]) < 25 and int(dots[2]) < 61:
            raise NoSuchDate
        return dots[2], dots[1], dots[0]
    return None


def _week(text: str) -> dt.date | None:
    year, rest = text[:4], text[4:].removeprefix("-")
    if not (number(year, (4,)) and rest.startswith("W")):
        return None
    week, day = rest[1:3], rest[3:].removeprefix("-") if len(rest) > 4 else rest[3:]
    if not (number(week, (2,), 53) and int(week)) or (len(rest) > 3 and not number(day, (1,), 7)):
        return None
    monday = dt.datetime.strptime(f"{year} 1 1", "%G %V %u").date()
    return monday + dt.timedelta(days=7 * (int(week) - 1) + int(day or 1) - 1)


def _in_words(text: str) -> tuple[str, str, str] | None:
    if not (text[:1].isalnum() and text[-1:].isalnum()):
        return None
    runs = ["".join(run) for _, run in groupby(text, lambda char: "1" if char.isdigit() else "a" if char.isalpha() else " ")]
    compact = [run for run in runs if run.strip(" \t.-")]
    if len(compact) > 3 and compact[1] in SUFFIXES:  # 24 th December is none: the suffix touches its number
        compact[1:3] = [compact[1] + compact[2]] if text.startswith(compact[0] + compact[1]) else ["?"]
    if len(compact) == 3 and _day(compact[0]) and _year(compact[2]):
        for word in (compact[1], *([compact[1][2:]] if compact[1][:2] in SUFFIXES and text[len(compact[0])].isalpha() else [])):
            month = _named(word) or (ROMANS.index(word) + 1 if word in ROMANS else 0)
            if month:
                return compact[2], str(month), compact[0]
    if len(compact) == 2 and _named(compact[0]) and number(compact[1], (4,)):
        return compact[1], str(_named(compact[0])), "1"
    if len(compact) == 2 and number(compact[0], (4,)) and _named(compact[1]):
        return compact[0], str(_named(compact[1])), "1"
    dashes = text.split("-")
    if len(dashes) == 3 and _year(dashes[0]) and _short(dashes[1]) and number(dashes[2], (2,), 31):
        return dashes[0], str(_short(dashes[1])), dashes[2]
    if len(dashes) == 3 and _short(dashes[0]) and number(dashes[1], (2,), 31) and _year(dashes[2]):
        return dashes[2], str(_short(dashes[0])), dashes[1]
    return _american(runs)


def _american(runs: list[str]) -> tuple[str, str, str] | None:
    """``Month d, y``."""
    if len(runs) < 4 or not _named(runs[0]) or not _year(runs[-1]):
        return None
    between = runs[1] if not runs[1].isdigit() else ""
    day, tail = (runs[2], runs[3:-1]) if between else (runs[1], runs[2:-1])
    behind = "".join(tail)
    while behind and (behind[0] in ",. \t" or behind[:2] in SUFFIXES):
        behind = behind[1:] if behind[0] in ",. \t" else behind[2:]
    if between.strip(" \t.-") or not _day(day) or not tail or behind:
        return None
    return runs[-1], str(_named(runs[0])), day
