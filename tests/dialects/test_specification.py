"""The ConnectNow dialect against the data of the specification: what PHP makes of dates and query strings, and the recorded requests."""

from __future__ import annotations

import csv
import datetime as dt
import json
from typing import Any

import pytest

from cubequery.dialects.connectnow import read_moment, split, tree
from cubequery.errors import Refused
from tests.dialects.test_dates import needs_zones
from tests.support.shared import require_shared

DATA = require_shared("spec", "data")
BEYOND = {
    "Fri Dec 24 10:30:00 UTC 2021",
    "last day of february 2024",
    "last day of 2021-02",
    "first monday of january 2022",
    "third friday of december 2021",
    "2021-12-24 tomorrow",
    "2021-12-24 +1 day",
    "24/Dec/2021:10:30:00 +0000",
    "10/Oct/2000:13:55:36 -0700",
    "2021:12:24 10:30:00",
    "2021-12-24T10:30:00Zulu",
    "2021-12-24T",
    "+1978-04-17",
    "10000-01-01",
}
"""Rows that the framework reads and the closed list of forms does not; the specification names them."""


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cases() -> list[dict[str, Any]]:
    """Recorded requests that say what a date comes to."""
    lines = (DATA / "dialect_cases.jsonl").read_text(encoding="utf-8").split("\n")
    found = [json.loads(line) for line in lines if line]
    return [case for case in found if case["dialect"] == "connectnow" and {"before", "after"} & set(asked(case))]


def asked(case: dict[str, Any]) -> dict[str, Any]:
    return tree(split(case["request"].get("query", "")))


def outcome(text: object) -> str:
    try:
        return f"{read_moment(text).instant.isoformat()}Z"
    except Refused:
        return "refused"


@needs_zones
@pytest.mark.parametrize("row", rows("php_dates.csv"), ids=lambda row: ascii(row["input"]))
def test_dates(row: dict[str, str]) -> None:
    refused = row["laravel_date_rule"] == "fail" or row["input"] in BEYOND
    assert outcome(row["input"]) == ("refused" if refused else row["php_result_iso"])


def test_the_rows_beyond_the_forms_are_rows_that_pass() -> None:
    assert {row["input"] for row in rows("php_dates.csv") if row["laravel_date_rule"] == "pass"} >= BEYOND


@pytest.mark.parametrize("row", rows("php_query_strings.csv"), ids=lambda row: ascii(row["query"]))
def test_query_strings(row: dict[str, str]) -> None:
    expected = json.loads(row["php_parse_str_json"]) or {}  # an array of PHP without elements is written as a list
    assert json.dumps(tree(split(row["query"]))) == json.dumps(expected)


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case["id"]))
def test_recorded_requests(case: dict[str, Any]) -> None:
    expect = case["expect"]
    given = {name: value for name, value in asked(case).items() if name in ("before", "after")}
    if "errors" in expect or "errors" in expect.get("body", {}):
        assert {outcome(value) for value in given.values()} == {"refused"}
        return
    for name, value in given.items():
        moment = read_moment(value)
        if "date" in expect:
            assert (moment.instant, moment.has_time) == (dt.datetime.fromisoformat(expect["date"]), False)
        if "instant" in expect:
            assert outcome(value) == expect["instant"]
        if "filter" in expect:
            word, bound = moment.before if name == "before" else ("gte", moment.instant)
            assert expect["filter"]["created_at"][f"${word}"] == f"{bound.isoformat()}Z"
