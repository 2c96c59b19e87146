"""The terminals of the grammar, and the patterns that the fast path is built from."""

from __future__ import annotations

import re
from functools import lru_cache

from cubequery.syntax import load


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
