"""The grammar files: where they are, the reference parser they make, and the terminals that the fast path is built from."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lark import Lark


def grammar_folder() -> Path:
    """The packaged grammar where there is one (a wheel), else the checkout's own."""
    packaged = Path(__file__).parent.parent / "grammar"
    return packaged if packaged.is_dir() else packaged.parent.parent / "grammar"


@lru_cache(maxsize=8)
def load(start: str = "request", dialect: str = "connectycube") -> Lark:
    """The LALR parser of a dialect's grammar. Lark is imported here and not earlier: it costs more than everything else together."""
    from lark import Lark

    folder = grammar_folder()
    return Lark.open(
        str(folder / f"{dialect}.lark"),
        start=start,
        parser="lalr",
        lexer="contextual",
        import_paths=[str(folder)],
        maybe_placeholders=False,
    )


@lru_cache(maxsize=1)
def terminals() -> dict[str, str]:
    """Regular expressions of the grammar's terminals, by name."""
    return {terminal.name.rpartition("__")[2]: terminal.pattern.to_regexp() for terminal in load().terminals}


@lru_cache(maxsize=1)
def name_pattern() -> re.Pattern[str]:
    """A whole parameter name: its first word, its bracketed parts, its closing ``[]``."""
    its = terminals()
    return re.compile(f"({its['WORD']})((?:{its['OPEN']}{its['WORD']}{its['CLOSE']})*)({its['OPEN']}{its['CLOSE']})?")


@lru_cache(maxsize=1)
def part_pattern() -> re.Pattern[str]:
    """One bracketed part of a name."""
    its = terminals()
    return re.compile(f"{its['OPEN']}({its['WORD']}){its['CLOSE']}")


@lru_cache(maxsize=1)
def value_pattern() -> re.Pattern[str]:
    """A whole value: elements and commas. No text divides in two ways, so that a refusal takes no longer than reading it."""
    its = terminals()
    return re.compile(f"(?:{its['ITEM']})?(?:{its['COMMA']}(?:{its['ITEM']})?)*")


@lru_cache(maxsize=1)
def comma_pattern() -> re.Pattern[str]:
    """What separates the elements of a list, raw or escaped."""
    return re.compile(terminals()["COMMA"])
