"""Dates of the ConnectNow dialect: each form, each limit and each refusal by the tables; what needs more than a row, below them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import cubequery as cq
from cubequery.dialects.connectnow import Moment, read_date, read_moment, zones
from cubequery.errors import Refused
from cubequery.limits import Limits
from tests.dialects.tables import Row, read

OPERATORS = {"<": "lt", "<=": "lte"}
needs_zones = pytest.mark.skipif(not zones.known_names(), reason="neither the system nor the package tzdata has a zone database")


def outcome(text: object, timezone: str = "UTC") -> Moment | str:
    """The moment, or the code of the refusal."""
    try:
        return read_moment(text, timezone)
    except Refused as refused:
        return refused.code


def expected(cells: tuple[str, ...]) -> tuple[dt.datetime, bool, tuple[str, dt.datetime]]:
    """Instant, whether a time was written, and what `before` compiles to, as a row tells them."""
    instant = dt.datetime.fromisoformat(cells[0])
    if len(cells) > 1:
        word, _, bound = cells[1].partition(" ")
        return instant, False, (OPERATORS[word], dt.datetime.fromisoformat(bound))
    if "T" in cells[0]:
        return instant, True, ("lte", instant)
    return instant, False, ("lt", instant + dt.timedelta(days=1))


def check(row: Row) -> None:
    found = outcome(row.text, row.settings["timezone"])
    if isinstance(found, str) or not row.cells[1][0].isdigit():
        assert found == row.cells[1]
        return
    assert (found.instant, found.has_time, found.before) == expected(row.cells[1:])
    assert read_date(row.text, row.settings["timezone"]) == found.instant


@pytest.mark.parametrize("row", read("dates.txt"), ids=lambda row: row.id)
def test_dates(row: Row) -> None:
    check(row)


@needs_zones
@pytest.mark.parametrize("row", read("zones.txt"), ids=lambda row: row.id)
def test_dates_in_named_zones(row: Row) -> None:
    check(row)


@pytest.mark.parametrize("row", read("dates.txt"), ids=lambda row: row.id)
def test_every_form_of_white_space_around_a_date_is_one_date(row: Row) -> None:
    for around in (" ", "\t", "\r\n", "\v", "\0"):
        found, plain = (outcome(text, row.settings["timezone"]) for text in (f"{around}{row.text}{around}", row.text))
        assert found == plain


@pytest.mark.parametrize(("text", "code"), [("tomorrow", "wrong_type"), ("@253402300800", "out_of_range"), ("1" * 129, "too_big")])
def test_a_refusal_is_one_of_the_family(text: str, code: str) -> None:
    with pytest.raises(cq.RequestError) as caught:
        read_date(text)
    assert (caught.value.status, caught.value.code, caught.value.key) == (422, code, "base")


@pytest.mark.parametrize("value", [None, 1640341800, 1.5, True, ["2021-12-24"], {"0": "2021-12-24"}, b"2021-12-24"])
def test_what_is_no_text_is_no_date(value: Any) -> None:
    assert outcome(value) == "wrong_type"
    with pytest.raises(cq.RequestError):
        read_date(value)


@pytest.mark.parametrize("timezone", ["", "Europe/Nowhere", "utc+2", "/etc/passwd", "local", " UTC", None, 2])
def test_a_setting_that_is_no_zone_is_refused_before_any_date(timezone: Any) -> None:
    with pytest.raises(cq.DefinitionError):
        read_date("2021-12-24", timezone)


def test_the_longest_text_that_is_read() -> None:
    longest = f"2021-12-24T10:30:00.{'9' * 107}Z"
    assert read_date(longest) == dt.datetime(2021, 12, 24, 10, 30)
    assert read_date(f" {longest} ") == dt.datetime(2021, 12, 24, 10, 30)
    assert outcome(longest.replace(".", ".0")) == "too_big"


@pytest.mark.parametrize("piece", ["1", " ", "0 ", "-", ".", "1-", "Dec ", "24 Dec ", "@9", "+02:00", "T10:30", "\0", "é", "Mon "])
def test_a_hundred_thousand_characters_are_refused_unread(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cubequery.dialects.connectnow.dates.find_date", None)
    text = f"2{piece * 100_000}"[:100_000] + "x"
    assert outcome(text) == "too_big"


@pytest.mark.parametrize(
    "piece", ["1", "0 ", "-", ".", "1-", "Dec ", "24 Dec ", "24 Dec-", "Dec 1 ", "Dec 1st", "+02:00", "T10:30", "Mon ", ", "]
)
def test_forms_take_no_more_steps_than_a_text_has_characters(piece: str) -> None:
    """A host may lift the limit: a text of any length is refused without trying it in more than a few ways."""
    for text in (piece * 20_000, f"2021-12-24 {piece * 20_000}", f"Dec{piece * 20_000}x"):
        with pytest.raises(Refused):
            read_moment(text, limits=Limits(max_date_chars=10**6))


@needs_zones
def test_only_names_of_the_database_reach_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def opened(name: str) -> Any:
        asked.append(name)
        return ZoneInfo(name)

    monkeypatch.setattr(zones, "ZoneInfo", opened)
    for name in ("../../etc/passwd", "/etc/passwd", "Europe/Nowhere", "europe/london", "Europe/../Europe/London", "posix/Europe/London"):
        assert outcome(f"2021-12-24 {name}") == "wrong_type"
    assert not asked
    assert isinstance(outcome("2021-12-24 Europe/London"), Moment)
    assert asked == ["Europe/London"]


def test_without_a_database_every_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zones, "known_names", frozenset)
    assert outcome("2021-12-24 Europe/London") == "wrong_type"
    assert isinstance(outcome("2021-12-24 EST"), Moment)
    monkeypatch.setattr(zones, "known_names", lambda: frozenset({"Europe/Gone"}))
    assert outcome("2021-12-24 Europe/Gone") == "wrong_type"
