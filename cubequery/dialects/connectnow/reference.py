"""The reference reader of query strings and forms: Lark over the whole text, the definition that the splitter must equal."""

from __future__ import annotations

from lark import Token, Tree

from cubequery.dialects.connectnow.splitting import Parameter, decoded, named
from cubequery.syntax import load


def reference_split(text: str) -> list[Parameter]:
    """The parameters as the grammar divides the text, which may be of any size."""
    return [_parameter(node) for node in _trees(load("parameters", "connectnow").parse(text)) if node.data == "parameter"]


def _parameter(node: Tree[Token]) -> Parameter:
    name, *values = _trees(node)
    parts = _trees(name)
    keys = tuple(_text(part, "KEY") if part.data == "key" else None for part in parts if part.data != "unclosed")
    # An unclosed bracket belongs to the name only where no closed one stands before it.
    rest = "".join(f"_{_text(part, 'KEY')}" for part in parts if part.data == "unclosed" and not keys)
    first = next(name.scan_values(lambda child: isinstance(child, Token)))
    value = "".join(_text(each, "VALUE") for each in values)
    return Parameter(named(_text(name, "HEAD")) + rest, keys, value, int(first.start_pos or 0))


def _trees(node: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in node.children if isinstance(child, Tree)]


def _text(node: Tree[Token], kind: str) -> str:
    """The decoded token of a kind directly in a node; empty without one."""
    return "".join(decoded(child) for child in node.children if isinstance(child, Token) and child.type == kind)
