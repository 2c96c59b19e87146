"""Dates against a plain model: what was spelled is read back, and any text is read or refused as the model does."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cubequery.dialects.connectnow import read_moment
from cubequery.errors import Refused
from tests.dialects import date_model
from tests.dialects.date_model import Found
from tests.dialects.date_texts import Spelled, edited, spelled
from tests.dialects.tables import Row, read
from tests.dialects.test_dates import needs_zones


def outcome(text: str) -> Found | None:
    """What the reader makes of a text, in the model's words."""
    try:
        moment = read_moment(text)
    except Refused:
        return None
    return moment.instant, moment.has_time, moment.next_day


@pytest.mark.parametrize("row", [row for row in read("dates.txt") if row.settings["timezone"] == "UTC"], ids=lambda row: row.id)
def test_the_model_reads_the_table(row: Row) -> None:
    assert date_model.read(row.text) == outcome(row.text)


@needs_zones
@settings(max_examples=800)
@given(spelled())
def test_what_was_spelled_is_read_back(made: Spelled) -> None:
    found = outcome(made.text)
    assert found == date_model.read(made.text)
    assert found is not None
    assert found[1] == (made.after_midnight is not None)
    if made.offset is not None:
        midnight = dt.datetime.combine(made.date, dt.time())
        assert found[0] == midnight + (made.after_midnight or dt.timedelta()) - dt.timedelta(minutes=made.offset)


@needs_zones
def test_any_text_is_read_as_the_model_reads_it() -> None:
    shares: Counter[bool] = Counter()

    @settings(max_examples=2_000)
    @given(edited() | edited() | edited() | st.text(st.sampled_from("0123459 -/.:,TZW+@amDecMayth\t"), max_size=24))
    def check(text: str) -> None:
        found = outcome(text)
        assert found == date_model.read(text)
        shares[found is not None] += 1

    check()
    assert shares[True] >= 0.2 * shares.total(), shares
