"""The closed list of forms for a time of day behind a date."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Form: TypeAlias = Literal["half day", "colons", "dots", "digits", "word", "hour"]

_HOUR, _MINUTE, _SECOND = r"(?P<hour>2[0-4]|[01]?[0-9])", r"(?P<minute>[0-5][0-9])", r"(?P<second>[0-5][0-9]|60)"
_TWO_HOUR = r"(?P<hour>2[0-4]|[01][0-9])"
# In order: other forms would make something of the digits of a half day, which is none where more letters follow (10:30 America/..).
_FORMS: dict[Form, re.Pattern[str]] = {
    "half day": re.compile(rf"(?P<hour>1[0-2]|0?[1-9])(?::{_MINUTE}(?::{_SECOND})?)?[ \t]*(?P<half>(?i:[ap]m|[ap]\.m\.))(?=[ \t,]|\Z)"),
    "colons": re.compile(rf"[Tt]?{_HOUR}:{_MINUTE}(?::{_SECOND}(?P<fraction>\.[0-9]+)?)?"),
    "dots": re.compile(rf"[Tt]?{_HOUR}\.{_MINUTE}(?:\.{_SECOND})?"),
    "digits": re.compile(rf"[Tt]?{_TWO_HOUR}{_MINUTE}{_SECOND}?"),
    "word": re.compile(r"(?i:(?P<noon>noon)|midnight)"),
    "hour": re.compile(rf"[Tt]{_TWO_HOUR}"),
}
_SEPARATORS = re.compile(r"[ \t,]*")


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day found in a text: ``hour`` 0 to 24, ``minute``, ``second`` 0 to 60, its form, and where it ends.

    A fraction of a second is dropped; ``fraction`` says that there was one.
    """

    hour: int
    minute: int
    second: int
    form: Form
    end: int
    fraction: bool

    @property
    def after_midnight(self) -> dt.timedelta:
        """How long after midnight it is; hour 24 and second 60 roll forward, so it may be more than a day."""
        return dt.timedelta(hours=self.hour, minutes=self.minute, seconds=self.second)


def find_clock(text: str, date_end: int) -> Clock | None:
    """The time of day behind the date that ends at ``date_end`` of an ASCII text, or None where no form stands there."""
    start = past_separators(text, date_end)
    for form, pattern in _FORMS.items():
        match = pattern.match(text, date_end if form == "hour" else start)
        if match is not None:
            parts = match.groupdict()
            minute, second = int(parts.get("minute") or 0), int(parts.get("second") or 0)
            return Clock(_hour(parts), minute, second, form, match.end(), bool(parts.get("fraction")))
    return None


def past_separators(text: str, place: int) -> int:
    """Where the next part may begin: behind blanks, tabs and commas."""
    found = _SEPARATORS.match(text, place)
    return found.end() if found else place


def _hour(parts: dict[str, str | None]) -> int:
    hour = int(parts.get("hour") or (12 if parts.get("noon") else 0))
    half = parts.get("half")
    return hour if half is None else hour % 12 + (12 if half[0] in "Pp" else 0)
