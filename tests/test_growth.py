"""The growth curves and the pages in little: they run, what is compared is the same work, and a cache without a bound is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import pages
from benchmarks.growth import memory
from benchmarks.growth.show import report
from benchmarks.measure import Figure, Row

FACTS = {"date": "", "python": "", "cores": 0, "load": 0}


@pytest.mark.parametrize(
    ("after", "bounded"),
    [((1.0, 2.0, 2.1), True), ((0.0, 0.0, 0.4), True), ((1.0, 5.0, 20.0), False), ((1.0, 100.0, 100.0), False)],
)
def test_a_cache_that_goes_on_growing_is_told(after: tuple[float, ...], bounded: bool) -> None:
    held = dict(zip(memory.AFTER, after, strict=True))
    assert memory.bounded(held) is bounded
    assert ("NO" in report([], {"kind": held}, FACTS, [])) is not bounded


@pytest.mark.parametrize("kind", memory.KINDS)
def test_every_request_of_an_adversary_is_new(kind: str) -> None:
    make, use = memory.KINDS[kind]
    given = make()
    asked = [next(given) for _ in range(50)]
    # Names count in their order: a body with the same names in another order is another one.
    assert len({str(each) for each in asked}) == len(asked)
    for each in asked:
        use(each)


def test_figures_are_divided_by_their_size() -> None:
    row = Row("parameters", "4", "parse_qsl", {"parse_qsl": Figure(8e-6, 1.0, 0.0), "cubequery": Figure(4e-6, 0.5, 0.0)}, "4")
    text = report([row], {}, FACTS, [Path("parameters.svg")])
    assert "| 4 | 2 | 1 (0.50) |" in text
    assert "![parameters](parameters.svg)" in text


def test_pages_are_the_same_work() -> None:
    """Both raise where the page by hand is another one; the figures are not judged here."""
    (_, in_memory), *_ = pages.workloads(500)
    assert set(in_memory(1).figures) == {"lambda", "cubequery", "again"}


@pytest.mark.parametrize("place", [1, 2], ids=["sync", "async"])
def test_pages_of_a_server_are_the_same_work(place: int, mongod_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Held:
        def __enter__(self) -> str:
            return mongod_uri

        def __exit__(self, *_: Any) -> None:
            """The server is the tests'."""

    monkeypatch.setattr(pages, "server", Held)
    monkeypatch.setattr(pages, "STORED", 400)
    monkeypatch.setattr(pages, "DATABASE", f"{pages.DATABASE}_{place}")
    _, work = list(pages.workloads(10))[place]
    assert set(work(1).figures) == {"by hand", "cubequery", "again"}
