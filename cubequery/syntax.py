"""What every request language stands on: the grammar files and the parsers they make, and the sizes of texts as received."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cubequery import errors
from cubequery.errors import Fault
from cubequery.limits import Limits

if TYPE_CHECKING:
    from pathlib import Path

    from lark import Lark


def grammar_folder() -> Path:
    """The packaged grammar where there is one (a wheel), else the checkout's own."""
    from pathlib import Path

    packaged = Path(__file__).parent / "grammar"
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


def byte_size(text: str) -> int:
    """Bytes of a text as received; a byte that is no UTF-8 counts as one."""
    if text.isascii():
        return len(text)
    try:
        return len(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return len(text.encode("utf-8", "surrogatepass"))


def too_large(text: str, source: str, limits: Limits) -> Fault | None:
    """What can be refused before splitting: the size of the text and the number of its pairs."""
    most = limits.max_query_bytes if source == "query" else limits.max_body_bytes
    if len(text) > most or byte_size(text) > most:
        return errors.too_large("query string" if source == "query" else "body")
    return errors.too_large("parameters") if text.count("&") >= limits.max_pairs else None


def name_too_large(raw: str, parts: int, limits: Limits) -> Fault | None:
    """Bounds on one name: its raw bytes, and its parts with a closing ``[]`` counted."""
    if 4 * len(raw) > limits.max_name_bytes and byte_size(raw) > limits.max_name_bytes:  # no code point has more bytes than four
        return errors.too_large("parameter name")
    return errors.too_large("parts of a name") if parts > limits.max_path_parts else None
