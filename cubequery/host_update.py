"""Updates from the host: a MongoDB update of our own operators over stored paths, read into changes; the twin of ``condition``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from bson import Decimal128

from cubequery.ast import All, Assign, Compare, Field
from cubequery.errors import DefinitionError
from cubequery.evaluate.paths import as_document
from cubequery.evaluate.predicate import matcher
from cubequery.host import condition
from cubequery.host.operands import PATTERNS
from cubequery.operators import UPDATE, Removal, UpdateOperator
from cubequery.operators.update import ANY
from cubequery.ordering import NUMBER, equal, type_class
from cubequery.values import Anything

_COMMANDS: dict[str, UpdateOperator] = {row.command: row for row in UPDATE.values() if ANY in row.kinds}
_LOGIC = ("$and", "$or", "$nor", "$not")
_ELEMENT = "element"
"""Stands for the array's element where MongoDB's own pull conditions name none."""


def mutation(document: Mapping[str, Any]) -> tuple[Assign, ...]:
    """The changes of a MongoDB update, for ``apply_changes(.., strict=True)``. Operands may be of any BSON type and are not cast.

    Takes ``$set $unset $inc $push $addToSet $pull $pullAll $pop``, lists under ``$each``, and in ``$pull`` what ``condition`` takes.
    Raises :class:`DefinitionError` that names everything else.
    """
    if not _is_document(document) or not document:
        raise DefinitionError(["an update is a document of operators"])
    problems: list[str] = []
    changes: list[Assign] = []
    for command, fields in document.items():
        if command not in _COMMANDS:
            problems.append(f"unknown update operator {command!r}")
        elif not _is_document(fields):
            problems.append(f"{command} needs a document of paths")
        else:
            for path, argument in fields.items():
                try:
                    changes.append(Assign(_field(path), _COMMANDS[command], _READERS[command](command, argument)))
                except DefinitionError as error:
                    problems += (f"{command} of {path!r}: {problem}" for problem in error.problems)
    problems += _conflicts([change.field.path for change in changes])
    if problems:
        raise DefinitionError(problems)
    return tuple(changes)


def _is_document(value: Any) -> bool:
    return isinstance(value, Mapping)


def _field(path: str) -> Field:
    """A path whose parts are names or indexes: MongoDB's positional parts would need the query that found the record."""
    parts = path.split(".")
    positional = any(part == "$" or (part.startswith("$[") and part.endswith("]")) for part in parts)
    if "" in parts or "\0" in path or path.startswith("$") or positional:
        raise DefinitionError(["no path of an update"])
    return Field(path, path, Anything())


def _conflicts(paths: Sequence[str]) -> list[str]:
    """Two changes of one path, or of a path and one inside it. ``f.1`` and ``f.01`` are one element (MongoDB 6.0 dies of them)."""
    ordered = sorted([str(int(part)) if _digits(part) else part for part in path.split(".")] for path in paths)
    return [f"changed twice: {'.'.join(long)!r}" for short, long in pairwise(ordered) if long[: len(short)] == short]


def _digits(part: str) -> bool:
    return part.isascii() and part.isdigit() and len(part) < 19


def _plain(command: str, argument: Any) -> Any:
    return argument


def _nothing(command: str, argument: Any) -> None:
    """$unset looks at no operand."""


def _number(command: str, argument: Any) -> Any:
    if type_class(argument) != NUMBER:
        raise DefinitionError(["needs a number"])
    return argument


def _end(command: str, argument: Any) -> int:
    number = argument.to_decimal() if isinstance(argument, Decimal128) else argument
    if type_class(argument) != NUMBER or number not in (1, -1):
        raise DefinitionError(["needs 1 or -1"])
    return int(number)


def _list(command: str, argument: Any) -> list[Any]:
    if not isinstance(argument, list | tuple):
        raise DefinitionError(["needs a list"])
    return list(argument)


def _items(command: str, argument: Any) -> list[Any]:
    """One value, or those of ``$each``. To $addToSet only a first ``$each`` is the word, later it is a key like any other."""
    if not isinstance(argument, Mapping) or "$each" not in argument:
        return [argument]
    if command == "$addToSet" and next(iter(argument)) != "$each":
        return [argument]
    others = [key for key in argument if key != "$each"]
    if others:
        raise DefinitionError([f"takes no {key!r} beside $each" for key in others])
    return _list(command, argument["$each"])


class Pulled(Removal):
    """A pull operand that is no plain conjunction of our operators, with what MongoDB makes of it."""

    operand: Any
    test: Callable[[Any], bool]

    def takes(self, element: Any) -> bool:
        return self.test(element)

    def argument(self) -> Any:
        return self.operand


def _removal(command: str, operand: Any) -> Removal:
    """A value is compared as a whole, a document asks the elements that are documents, operators ask the element itself."""
    if isinstance(operand, Mapping):
        first = next(iter(operand), "")
        asks_element = first.startswith("$") and first not in _LOGIC
        return _of_elements(operand) if asks_element else _of_documents(operand)
    if isinstance(operand, PATTERNS):
        return _of_elements(operand)
    return Pulled((), operand, lambda element: equal(element, operand))


def _of_documents(operand: Mapping[str, Any]) -> Removal:
    matches = matcher(condition(operand))

    def takes(element: Any) -> bool:
        document = as_document(element)
        return document is not None and matches(document)

    return Pulled((), operand, takes)


def _of_elements(operand: Any) -> Removal:
    found = condition({_ELEMENT: operand})
    members = found.members if isinstance(found, All) else (found,)
    comparisons = [member for member in members if isinstance(member, Compare)]
    if len(comparisons) == len(members):
        return Removal(tuple((member.operator, member.operand) for member in comparisons))
    matches = matcher(found)
    return Pulled((), operand, lambda element: matches({_ELEMENT: element}))


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "$set": _plain, "$unset": _nothing, "$inc": _number, "$push": _items, "$addToSet": _items, "$pull": _removal, "$pullAll": _list,
    "$pop": _end,
}  # fmt: skip
