"""Hypothesis strategies: dates spelled in every form, with the instant that they were made from; the same with edits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.dialects.date_model import DAYS, NAMED, ZONES
from tests.dialects.date_model_forms import MONTHS, ROMANS
from tests.dialects.tables import read


@dataclass(frozen=True)
class Spelled:
    """A text, and what it was made from: local time, seconds included, and offset in minutes (None: a named zone)."""

    text: str
    date: dt.date
    after_midnight: dt.timedelta | None
    offset: int | None


def _years(date: dt.date) -> list[str]:
    """The ways to write a year in one to four digits."""
    short = [f"{date.year % 100:02}", f"{date.year % 100:03}", f"{date.year % 100}"] if 1970 <= date.year < 2070 else []
    return [f"{date.year:04}", *([str(date.year)] if 100 <= date.year < 1000 else short)]


@st.composite
def _dates(draw: st.DrawFn, date: dt.date) -> str:
    year, full = draw(st.sampled_from(_years(date))), f"{date.year:04}"
    day, month = (draw(st.sampled_from([str(number), f"{number:02}"])) for number in (date.day, date.month))
    name = MONTHS[date.month - 1]
    short = draw(st.sampled_from([name[:3], *(["sept"] if date.month == 9 else [])]))
    word = draw(st.sampled_from([name, short]))
    cased = draw(st.sampled_from([str.lower, str.upper, str.capitalize]))
    gap, other = (draw(st.sampled_from(["", " ", "-", ".", "\t", " . "])) for _ in range(2))
    suffix = draw(st.sampled_from(["", "st", "nd", "rd", "th"]))
    behind = draw(st.sampled_from([",", ".", " ", "th, ", "st", ", nd"]))
    week = date.isocalendar()
    forms = [
        f"{year}-{month}-{day}",
        f"{full}{date.month:02}{date.day:02}",
        f"{full}/{month}/{day}",
        f"{week.year:04}-W{week.week:02}-{week.weekday}",
        f"{week.year:04}W{week.week:02}{week.weekday}",
        f"{day}{draw(st.sampled_from('.-'))}{month}{draw(st.sampled_from('.-'))}{full}",
        f"{month}/{day}/{year}",
        f"{day}{suffix}{gap}{cased(word)}{other}{year}",
        f"{day}{gap}{ROMANS[date.month - 1]}{other}{year}",
        f"{cased(word)}{gap}{day}{behind}{year}",
        f"{cased(short)}-{date.day:02}-{year}",
        f"{full}-{cased(short)}-{date.day:02}",
    ]
    if 1970 <= date.year < 2070 and (date.day >= 25 or date.year % 100 >= 61):
        forms.append(f"{day}.{month}.{date.year % 100:02}")
    if date.day == 1:
        forms += [f"{full}-{month}", f"{cased(word)}{gap}{full}", f"{full}{gap}{cased(word)}"]
    return draw(st.sampled_from(forms))


@st.composite
def _clocks(draw: st.DrawFn, iso: bool) -> tuple[str, dt.timedelta, str]:
    """Text, time, and which zone may touch it."""
    hour, minute, second = draw(st.tuples(st.integers(0, 24), st.integers(0, 59), st.integers(0, 60)))
    written = draw(st.sampled_from([str(hour), f"{hour:02}"]))
    half = f"{(hour - 1) % 12 + 1}{draw(st.sampled_from(['', f':{minute:02}', f':{minute:02}:{second:02}']))}"
    t = draw(st.sampled_from(["", "T", "t"]))
    fraction = draw(st.sampled_from(["", ".5", ".999999999"])) if iso else ""
    full, short = dt.timedelta(hours=hour, minutes=minute, seconds=second), dt.timedelta(hours=hour, minutes=minute)
    forms = [
        (f"{t}{written}:{minute:02}", short, "any"),
        (f"{t}{written}:{minute:02}:{second:02}{fraction}", full, "any"),
        (f"{t}{written}.{minute:02}", short, ""),
        (f"{t}{written}.{minute:02}.{second:02}", full, ""),
        (f"{t}{hour:02}{minute:02}", short, "z"),
        (f"{t}{hour:02}{minute:02}{second:02}", full, "z"),
        ("noon", dt.timedelta(hours=12), ""),
        ("Midnight", dt.timedelta(), ""),
    ]
    if hour < 24:
        length = dt.timedelta(hours=hour, minutes=minute * (":" in half), seconds=second * (half.count(":") == 2))
        word = draw(st.sampled_from(["am", " AM", " a.m."]))
        forms.append((half + (word if hour < 12 else word.replace("a", "p").replace("A", "P")), length, ""))
    return draw(st.sampled_from(forms))


@st.composite
def _zones(draw: st.DrawFn) -> tuple[str, int | None]:
    """Text, and offset in minutes (None: a named zone)."""
    hour, minute, sign = draw(st.tuples(st.integers(0, 24), st.integers(0, 59), st.sampled_from([1, -1])))
    plus = draw(st.sampled_from(["", "GMT"])) + ("+" if sign > 0 else "-")
    word = draw(st.sampled_from(sorted(ZONES)))
    forms: list[tuple[str, int | None]] = [
        (f"{plus}{hour}", sign * hour * 60),
        (f"{plus}{hour:02}", sign * hour * 60),
        (f"{plus}{hour:02}{minute:02}", sign * (hour * 60 + minute)),
        (f"{plus}{hour}:{minute:02}", sign * (hour * 60 + minute)),
        (draw(st.sampled_from([word, word.upper()])), ZONES[word] * 60),
        (draw(st.sampled_from(NAMED)), None),
    ]
    return draw(st.sampled_from(forms))


_USUAL = st.dates(dt.date(1970, 1, 1), dt.date(2069, 12, 31))
_DAYS = _USUAL | st.dates(dt.date(2, 1, 1), dt.date(9998, 12, 31)) | _USUAL.map(lambda each: each.replace(day=1))
_GAPS = st.sampled_from([" ", "\t", ", ", ","])


@st.composite
def spelled(draw: st.DrawFn) -> Spelled:
    """A date in one of the forms, with or without weekday, time and zone."""
    date = draw(_DAYS)
    text = draw(_dates(date))
    iso = [len(part) for part in text.split("-")] == [4, 2, 2] and text.replace("-", "").isdigit()
    after, touching, zone = None, "any" if iso else "", None
    clock = draw(st.none() | _clocks(iso))
    if clock is not None:
        gap = "" if clock[0][0] in "Ttnm" and draw(st.booleans()) else draw(_GAPS)
        text, after, touching = text + gap + clock[0], clock[1], clock[2]
    offset: int | None = 0
    if draw(st.booleans()):
        zone, offset = draw(_zones())
        may_touch = touching == "any" or (touching == "z" and zone in "zZ")
        text += ("" if may_touch and draw(st.booleans()) else draw(_GAPS)) + zone
    if "W" not in text.split("EDT")[0][:9] and (after is None or after < dt.timedelta(hours=24)) and draw(st.integers(0, 4)) == 0:
        forward = draw(st.integers(0, 6))
        date = date + dt.timedelta(days=forward)
        name = DAYS[date.weekday()]
        text = draw(st.sampled_from([name, name[:3], name.title()])) + draw(st.sampled_from(["", ".", ",", " ", ", ", "., "])) + text
    return Spelled(text, date, after, offset)


_KNOWN = st.sampled_from([row.text for row in read("dates.txt")])
_PUT = st.sampled_from(["", " ", ",", ".", "-", ":", "/", "T", "Z", "W", "+", "@", "0", "1", "2", "9", "am", "th", "Dec", "II", "é"])


@st.composite
def edited(draw: st.DrawFn) -> str:
    """A spelled date or a text of the table, with up to two edits."""
    text = draw(spelled()).text if draw(st.booleans()) else draw(_KNOWN)
    for _ in range(draw(st.integers(0, 2))):
        place, cut = draw(st.integers(0, len(text))), draw(st.integers(0, 2))
        text = text[:place] + draw(_PUT) + text[place + cut :]
    return text
