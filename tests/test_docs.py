"""The operator tables of the documentation are those of the rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from cubequery import docs
from cubequery.operators import CALCULATIONS, SEARCH, WORDS
from tests.test_house import LAYERS

CHECKOUT = Path(__file__).resolve().parents[1]
README = CHECKOUT / "README.md"
UNDESCRIBED: set[str] = set()
"""Layers that are not finished; take a name out when the pages describe it."""


def test_tables_are_not_stale() -> None:
    assert docs.main(["--check", str(README)]) == 0, "run `python -m cubequery.docs` and look at what it changed"


@pytest.mark.parametrize("word", sorted({*(row.name for row in SEARCH.rows), *WORDS, *(row.name for row in CALCULATIONS)}))
def test_every_word_stands_in_the_tables(word: str) -> None:
    assert f"`{word}`" in docs.tables()


def test_architecture_names_the_layers_in_their_order() -> None:
    """Those that exist and are described: the order also keeps places free."""
    there = [[name for name in names if name == "__init__" or (_exists(name) and name not in UNDESCRIBED)] for names in LAYERS]
    block = (CHECKOUT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("```layers\n")[2].partition("\n```")[0]
    told = [[name.strip() for name in level.split("|")] for level in block.replace("\n", " ").split("<")]
    assert told == [["cubequery" if name == "__init__" else name for name in names] for names in there if names]


def _exists(name: str) -> bool:
    package = CHECKOUT / "cubequery"
    return (package / f"{name}.py").exists() or (package / name / "__init__.py").exists()


def test_staleness_is_seen_and_mended(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{docs.BEGIN}\nold\n{docs.END}\nafter\n", encoding="utf-8")
    assert docs.main(["--check", str(page)]) == 1
    assert docs.main([str(page)]) == 0
    assert docs.main(["--check", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "\nold\n" not in text


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        docs.rewritten("no marks")


def test_a_bar_does_not_end_a_cell() -> None:
    assert docs.table(["a|b"], []) == "| a\\|b |\n| --- |"
