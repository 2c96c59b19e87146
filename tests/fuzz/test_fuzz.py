"""Bytes in, answers or refusals out: the fuzzer's corpus and some hundred mutations of it, where there is no fuzzer."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

import cubequery as cq
from tests.fuzz import corpus, targets
from tests.fuzz.__main__ import main

every_target = pytest.mark.parametrize("target", targets.TARGETS)


@every_target
def test_the_corpus_holds_requests_that_are_taken_and_such_that_are_not(target: str) -> None:
    assert {targets.run(target, data) for data in corpus.seeds(target)} == {True, False}


@every_target
def test_mutated_inputs_are_taken_or_refused(target: str) -> None:
    random, seeds = Random(f"{target} 1"), corpus.seeds(target)
    taken = sum(targets.run(target, corpus.mutated(random.choice(seeds), random.choice(seeds), random)) for _ in range(400))
    assert 8 <= taken <= 392, "too few of one kind to mean anything"


@every_target
def test_arbitrary_bytes_are_taken_or_refused(target: str) -> None:
    random = Random(f"{target} 2")
    for _ in range(100):
        targets.run(target, random.randbytes(random.randint(0, 60)))


@pytest.mark.parametrize("error", [KeyError("x"), cq.CubeQueryError("x"), cq.DefinitionError(["x"]), RecursionError()])
def test_any_other_error_escapes(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: Any, **facts: Any) -> Any:
        raise error

    monkeypatch.setattr(cq, "translate", broken)
    with pytest.raises(type(error)):
        targets.run("query", b"Kn=1")


def test_a_line_of_a_corpus_means_any_bytes() -> None:
    data = bytes(range(256))
    assert corpus.as_bytes(corpus.as_line(data)) == data
    assert "\n" not in corpus.as_line(data)


@pytest.mark.parametrize("arguments", [["nope"], ["--seconds", "3"], ["--seed", "0"]])
def test_wrong_arguments_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_the_fuzzer_runs_and_says_what_was_slowest(capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("atheris", reason="the fuzzer itself is not installed: pip install 'cubequery[fuzz]'")
    assert main(["--seconds", "1", "query"]) == 0
    printed = capfd.readouterr().out
    assert "0 uncaught" in printed
    assert "slowest" in printed
