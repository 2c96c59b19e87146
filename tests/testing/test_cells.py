"""Every operator on every type with every operand over every stored value: a part of the cells by default, all of them when slow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cubequery import Change
from cubequery.operators import SEARCH, UPDATE
from cubequery.testing.__main__ import main
from cubequery.testing.campaign import cells, cells_changes, filters, updates
from cubequery.testing.campaign.bench import Bench
from cubequery.testing.campaign.enumerated import TABLES, changes, searches
from tests.support.mongod import own_name

EVERY = {"searches": 3, "host conditions": 3, "changes": 12}
"""Of so many cases one is tried by default."""


@pytest.fixture
def bench(mongod_uri: str) -> Iterator[Bench]:
    made = Bench(mongod_uri, f"{own_name()}_cells")
    yield made
    made.close()


@pytest.mark.parametrize("table", TABLES)
def test_a_part_of_the_cells(table: str, bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    found = TABLES[table](bench, EVERY[table], 1)
    with capsys.disabled():
        print(f"\n{table}: {dict(found.counts)}")
    assert not found.differences, found.differences[0]
    assert found.counts["decisions"] + found.counts["updates"] > 9_000


@pytest.mark.slow
def test_all_cells_by_the_command(mongod_uri: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cells", "--mongodb", mongod_uri]) == 0
    with capsys.disabled():
        print(f"\n{capsys.readouterr().out}")


def test_the_command_tells_a_difference(mongod_uri: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "searches", lambda schema: iter(()))
    monkeypatch.setattr(cells, "host_conditions", lambda: iter(()))
    first = next(cells_changes.bodies(cells.every_type()))
    monkeypatch.setattr(cells_changes, "bodies", lambda schema: iter([first]))
    monkeypatch.setattr(Change, "apply", lambda self, document: dict(document))
    assert main(["cells", "--mongodb", mongod_uri]) == 1
    told = capsys.readouterr()
    assert "changes: " in told.out
    assert "DIFFERENCE" in told.err


def test_every_operator_on_every_type_is_asked() -> None:
    schema = cells.every_type()
    asked = {(row.name, field.type.kind) for field, row, _ in cells.searches(schema)}
    kinds = {field.type.kind for field in cells.fields_of(schema)}
    assert asked == {(name, kind) for kind in kinds for name in SEARCH.names_for(kind)}
    written = {(row.name, field.type.kind) for field in cells.fields_of(schema) for row in cells_changes.rows(field)}
    assert {name for name, _ in written} == set(UPDATE)


def test_every_kind_of_stored_value_is_met(bench: Bench) -> None:
    """The cells of the campaigns are among those that are enumerated, but for users that are texts."""
    asked = {cell for cell in searches(bench, 1).cells if cell[1] != "id"}
    assert {cell for cell in filters.expected() if cell[1] not in ("id", "user_text")} <= asked


@pytest.mark.slow
def test_every_kind_of_stored_value_is_changed(bench: Bench) -> None:
    assert updates.expected() <= set(changes(bench).cells)
