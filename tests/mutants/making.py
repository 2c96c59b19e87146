"""Mutants of a module: mutmut's own changes, wherever a change can be told from outside."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import libcst as cst
import libcst.matchers as m
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

from tests.mutants.mutant import Mutant

_UNSEEN = {"__all__", "__slots__", "TYPE_CHECKING"}
_TYPE = m.Subscript() | m.BinaryOperation(operator=m.BitOr())
"""What a module calls a type of annotations."""


class _Places(cst.CSTVisitor):
    """Every node that a test could see changed: no annotations, docstrings, imports, decorators or names of types."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        self.found: list[tuple[cst.CSTNode, cst.CSTNode, int]] = []
        self._depth = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Take the changes of a node, and go on below it where there is anything to see."""
        if isinstance(node, cst.Annotation | cst.Import | cst.ImportFrom | cst.Decorator | cst.TypeAlias):
            return False
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self._depth += 1
        if m.matches(node, m.Expr(value=m.SimpleString() | m.ConcatenatedString())) or m.matches(node, m.If(test=m.Name("TYPE_CHECKING"))):
            return False
        if isinstance(node, cst.Assign) and not self._depth and m.matches(node.value, _TYPE):
            return False
        if isinstance(node, cst.Assign) and m.matches(node.targets[0].target, m.OneOf(*(m.Name(name) for name in _UNSEEN))):
            return False
        if isinstance(node, cst.SimpleString | cst.FormattedString) and " " in node_text(node):
            return not isinstance(node, cst.SimpleString)  # words for people: which message it is counts, not how it is put
        line = self.get_metadata(PositionProvider, node, None)
        for kind, changes in mutation_operators:
            if isinstance(node, kind) and line is not None:
                self.found += [(node, new, line.start.line) for new in changes(node)]
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        """Count how deep the visit stands."""
        if isinstance(original_node, cst.FunctionDef | cst.ClassDef):
            self._depth -= 1


def node_text(node: cst.CSTNode) -> str:
    """The source of a node."""
    return cst.Module([]).code_for_node(node)


def mutants(root: Path, path: Path, wanted: Callable[[int], bool] = lambda number: True) -> Iterator[Mutant]:
    """Those of a file's whose numbers are wanted, in order of appearance; those that are no Python are none."""
    text = path.read_text(encoding="utf-8")
    wrapper = MetadataWrapper(cst.parse_module(text))
    places = _Places()
    wrapper.visit(places)
    seen = {text}
    for number, (node, new, line) in enumerate(places.found):
        if not wanted(number):
            continue
        changed: Any = wrapper.module.deep_replace(node, new)
        if changed.code in seen or not _compiles(changed.code):
            continue
        seen.add(changed.code)
        yield Mutant(str(path.relative_to(root)), number, line, _what(text.splitlines(), changed.code.splitlines()), changed.code)


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _what(old: Sequence[str], new: Sequence[str]) -> str:
    lines = [line for line in difflib.unified_diff(old, new, lineterm="", n=0) if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    gone = " ".join(line[1:].strip() for line in lines if line[0] == "-")
    come = " ".join(line[1:].strip() for line in lines if line[0] == "+")
    start = next((at for at, (left, right) in enumerate(zip(gone, come, strict=False)) if left != right), 0)
    start = max(0, start - 30)
    return f"{gone[start : start + 90]}  ->  {come[start : start + 90]}"
