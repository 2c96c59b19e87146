"""The closed list of date forms: the longest that matches is taken, and the date must exist in the calendar."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from cubequery.errors import Refused

_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
_ROMANS = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"]
_NUMBERS = {
    **{name: number for number, name in enumerate(_MONTHS, 1)},
    **{name[:3]: number for number, name in enumerate(_MONTHS, 1)},
    "sept": 9,
    **{roman: number for number, roman in enumerate(_ROMANS, 1)},
}
"""Month by spelling: names in lower case, Roman numbers in capitals."""


def _any(words: list[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_DAY, _TWO_DAY = r"(?P<day>3[01]|[0-2]?[0-9])", r"(?P<day>3[01]|[0-2][0-9])"
_MONTH, _TWO_MONTH = r"(?P<month>1[0-2]|0?[0-9])", r"(?P<month>1[0-2]|0[0-9])"
_YEAR, _FULL_YEAR = r"(?P<year>[0-9]{1,4})", r"(?P<year>[0-9]{4})"
_SHORT = f"(?P<name>(?i:sept|{_any([name[:3] for name in _MONTHS])}))"
_NAME = f"(?P<name>(?i:{_any([word for word in _NUMBERS if word.islower()])}))"
_NAME_OR_ROMAN = f"(?P<name>(?i:{_any([word for word in _NUMBERS if word.islower()])})|{_any(_ROMANS)})"
_BETWEEN = r"[ \t.-]*"
_SUFFIX = "st|nd|rd|th"

# Of two forms that match equally far the first is taken: 5-Dec-21 is the fifth of December.
_FORMS = [
    re.compile(form)
    for form in (
        f"{_YEAR}-{_MONTH}-{_DAY}",
        f"{_FULL_YEAR}-{_MONTH}",
        f"{_FULL_YEAR}{_TWO_MONTH}{_TWO_DAY}",
        f"{_FULL_YEAR}/{_MONTH}/{_DAY}",
        f"{_FULL_YEAR}-?W(?P<week>0[1-9]|[1-4][0-9]|5[0-3])(?:-?(?P<weekday>[0-7]))?",
        f"{_DAY}[.-]{_MONTH}[.-]{_FULL_YEAR}",
        rf"{_DAY}\.{_MONTH}\.(?P<year>(?P<two>[0-9]{{2}}))",
        f"{_MONTH}/{_DAY}/{_YEAR}",
        f"{_DAY}(?:{_SUFFIX})?{_BETWEEN}{_NAME_OR_ROMAN}{_BETWEEN}{_YEAR}",
        rf"{_NAME}{_BETWEEN}{_DAY}(?:[,. \t]|{_SUFFIX})+{_YEAR}",
        f"{_NAME}{_BETWEEN}{_FULL_YEAR}",
        f"{_FULL_YEAR}{_BETWEEN}{_NAME}",
        f"{_YEAR}-{_SHORT}-{_TWO_DAY}",
        f"{_SHORT}-{_TWO_DAY}-{_YEAR}",
    )
]
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Written:
    """A date found in a text.

    ``end`` is where it ends, ``iso`` whether it is written YYYY-MM-DD, ``week`` whether as an ISO week.
    """

    date: dt.date
    end: int
    iso: bool
    week: bool


def find_date(text: str, start: int) -> Written:
    """The date at ``start`` of an ASCII text. Raises :class:`Refused`: no date, one that does not exist, one with more digits behind it."""
    matches = [match for form in _FORMS if (match := form.match(text, start))]
    if not matches:
        raise Refused("wrong_type")
    longest = max(matches, key=lambda match: match.end())
    parts, end = longest.groupdict(), longest.end()
    if text[end : end + 1].isdigit() or (parts.get("two") and _is_clock(parts)):
        raise Refused("wrong_type")
    return Written(_date(parts), end, _ISO.fullmatch(longest[0]) is not None, parts.get("week") is not None)


def _is_clock(parts: dict[str, str]) -> bool:
    """Whether ``d.m.yy`` is the time h.mm.ss instead."""
    return int(parts["day"]) < 25 and int(parts["two"]) < 61


def _date(parts: dict[str, str]) -> dt.date:
    year = int(parts["year"])
    if len(parts["year"]) < 4 and year < 100:
        year += 2000 if year < 70 else 1900
    try:
        if week := parts.get("week"):
            return dt.date.fromisocalendar(year, 1, 1) + dt.timedelta(weeks=int(week) - 1, days=int(parts["weekday"] or 1) - 1)
        return dt.date(year, _month(parts), int(parts.get("day") or 1))
    except OverflowError:
        raise Refused("out_of_range") from None
    except ValueError:
        raise Refused("wrong_type") from None


def _month(parts: dict[str, str]) -> int:
    name = parts.get("name")
    return int(parts["month"]) if name is None else _NUMBERS.get(name) or _NUMBERS[name.lower()]
