"""The table of peers: the judge knows right from wrong, a peer that is missing is said, and what works elsewhere is timed there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import cubequery as cq
from benchmarks.classes import PROFILE
from benchmarks.corpus import QUOTES, Case, literal, load
from benchmarks.judge import ALL, NONE, PART, WRONG, expressed
from benchmarks.measure import AGAIN, Figure, measure
from benchmarks.rivals import deciding, install, node, translating
from benchmarks.rivals.install import Outcome, dependencies
from benchmarks.rivals.show import report

CASES = [case for case in load() if "request" in case.templates]


def case(name: str) -> Case:
    return next(each for each in CASES if each.name == name)


@pytest.mark.parametrize(
    ("name", "without", "says"),
    [
        ("range, page", "", ALL),
        ("range, page", "limit", PART),
        ("range, page", "filter", WRONG),
        ("range, sorted", "sort", PART),
        ("projection", "projection", PART),
        ("encoded text", "filter", WRONG),
    ],
)
def test_the_judge_knows_how_much_is_said(name: str, without: str, says: str) -> None:
    def say(text: str) -> dict[str, Any]:
        plan = cq.translate(text, PROFILE, actor=cq.ADMIN)
        shown = plan.query.projection.include
        projection = None if shown is None else {field.path: 1 for field in shown}
        limit = 0 if plan.limit == 100 else plan.limit
        whole = {"filter": plan.filter, "sort": plan.sort[:-1] or None, "skip": plan.skip, "limit": limit, "projection": projection}
        return {key: value for key, value in whole.items() if key != without} | ({"filter": {}} if without == "filter" else {})

    assert expressed(case(name), "request", say) == says
    assert expressed(case(name), "unheard of", say) == NONE


def test_a_peer_that_raises_is_wrong() -> None:
    def say(text: str) -> dict[str, Any]:
        raise ValueError(text)

    assert expressed(case("range"), "request", say) == WRONG


@pytest.mark.parametrize(("reader", "spelt"), [("odata", "'it''s'"), ("rsql", "'it\\'s'"), ("optimade", '"it\'s"')])
def test_a_text_cannot_end_its_own_quotes(reader: str, spelt: str) -> None:
    assert reader in QUOTES
    assert literal(reader, "word2", "it's") == spelt
    assert literal(reader, "int", "7") == "7"


def test_every_peer_is_asked_most_of_the_corpus() -> None:
    for reader in ("mqm", "moleql", "odata", "rsql", "optimade", *node.READERS.values()):
        assert sum(reader in each.templates for each in CASES) >= len(CASES) - 3, reader
    assert {*node.READERS, "sift", "mingo", "@ucast/mongo2js"} <= dependencies().keys()


def test_what_works_elsewhere_says_its_own_time() -> None:
    class Elsewhere:
        def __call__(self, given: Any) -> object:
            raise AssertionError("asked here")

        def cost(self, inputs: Sequence[Any]) -> float:
            return 0.002

    row = measure("", "", "here", {"here": len, "elsewhere": Elsewhere()}, lambda count: ["x"] * count, 3)
    assert row.figures["elsewhere"].cost == 0.002
    assert 0 < row.figures[AGAIN].cost < 0.002


def test_what_cannot_be_installed_is_told_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "_tried", lambda command: "warning: slow\nERROR: No matching distribution found\nhint: none")
    monkeypatch.setattr("benchmarks.rivals.install.shutil.which", lambda name: f"/bin/{name}")
    outcomes = list(install._node(tmp_path / "node"))
    assert {each.note for each in outcomes} == {"ERROR: No matching distribution found"}
    assert (tmp_path / "node" / "worker.mjs").exists()
    monkeypatch.setattr("benchmarks.rivals.install.shutil.which", lambda name: None)
    assert {each.note for each in install._node(tmp_path / "node")} == {"there is no Node.js with npm"}


def test_the_table_says_all_of_it() -> None:
    figure = Figure(2e-6, 1.0, 0.0)
    ours, peer = translating.Line("cubequery", "plan"), translating.Line("peer", "tree")
    ours.says, ours.costs = {"range": ALL, "near": ALL}, {"range": (figure,) * 3}
    peer.says, peer.costs = {"range": WRONG, "near": NONE}, {}
    decided = deciding.Line("peer", {"range": "2 wrong", "near": ""}, {"range": (Figure(1e-2, 1.0, 0.0), Figure(5e-3, 1.0, 0.0), figure)})
    facts = {"date": "today", "python": "3", "node": "20", "cores": 2, "load": 0, "rounds": 1, "versions": {"peer": "1.2"}}
    text = report([ours, peer], [decided], [Outcome("other", False, "no such thing"), Outcome("fine", True)], facts)
    assert "| peer 1.2 | tree | 0 | 0 | 1 | 1 | - | - | - | - |" in text
    assert "- peer: wrong or refused: range; not said: near" in text
    assert "| peer 1.2 | 1 of 2 | 2e+03 ns | 1e+03 ns | 2 |" in text
    assert "- peer: range (2 wrong)" in text
    assert "- other is not there: no such thing" in text
    assert "fine" not in text
