"""Functions from generated source: the source holds shapes only, and every name, operand and class comes in as a parameter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

CACHED = 512
"""Sources kept compiled; each is bounded in size by whoever writes it."""
_GLOBALS: dict[str, Any] = {}


def function(source: str, parameters: Sequence[Any]) -> Callable[..., Any]:
    """The one function that ``source`` defines, its last parameters filled with ``parameters``; the first are left to the caller."""
    code = _compiled(source)
    return FunctionType(code, _GLOBALS, code.co_name, tuple(parameters))


@lru_cache(maxsize=CACHED)
def _compiled(source: str) -> CodeType:
    defined: dict[str, Any] = {}
    exec(source, _GLOBALS, defined)
    (only,) = defined.values()
    code: CodeType = only.__code__
    return code
