"""Engines over memory and over a server, and the plain model, agree after every step of any course of requests."""

from __future__ import annotations

from statistics import median
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from pymongo.database import Database

from tests.engine.stateful.course import RULES, Course, Seen
from tests.support.mongod import Document

STEPS = 2 * len(RULES)
REFUSALS = {
    *("need_user", "forbidden", "not_found", "missing", "conflict", "out_of_range", "too_big", "empty_criteria"),
    *("parent", "needs_read", "index", "overflow"),
}


def run(database: Database[Document], batches: int) -> Seen:
    """Courses that follow from fixed seeds, ten of each: after ten of them Hypothesis would vary these, and fresh ones find more."""
    seen = Seen()
    chosen = settings(
        max_examples=10,
        stateful_step_count=STEPS,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        report_multiple_bugs=False,
    )
    for number in range(batches):
        make: Any = seed(number)(lambda: Course(database, seen))
        run_state_machine_as_test(make, settings=chosen)
    return seen


def check_that_it_tested(seen: Seen, capsys: pytest.CaptureFixture[str]) -> None:
    """Print the figures; finding no difference counts only where there was something to find."""
    lengths = [length for length in seen.lengths if length]  # the simplest course of a batch rests throughout
    steps = sum(lengths)
    shares = {name: round(100 * seen.rules[name] / steps, 1) for name in RULES}
    hidden = seen.hidden / (seen.shown + seen.hidden)
    with capsys.disabled():
        print(f"\n{len(lengths)} courses, {steps} steps, median {median(lengths)}, records hidden {hidden:.0%}")
        print(f"rules in % of the steps: {shares}\nanswers: {dict(seen.answers.most_common())}")
    assert median(lengths) >= 15, "did not test: courses are too short"
    assert min(shares.values()) >= 5, "did not test: a rule has less than 5 % of the steps"
    assert 0.2 <= hidden <= 0.8, "did not test: records are nearly all shown, or nearly all hidden"
    assert seen.answers["done"] >= 0.4 * sum(seen.answers.values()), "did not test: most requests are refused"


def test_courses(database: Database[Document], capsys: pytest.CaptureFixture[str]) -> None:
    check_that_it_tested(run(database, batches=3), capsys)


@pytest.mark.slow
def test_many_courses(database: Database[Document], capsys: pytest.CaptureFixture[str]) -> None:
    seen = run(database, batches=25)
    check_that_it_tested(seen, capsys)
    assert not REFUSALS - set(seen.answers), "did not test: a refusal was never met"
