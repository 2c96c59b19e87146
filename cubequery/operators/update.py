"""Update operators: THE place to add one. A row says what it takes, what MongoDB is told, and what it does in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Literal

from bson import Decimal128, Int64
from bson.decimal128 import create_decimal128_context

from cubequery.errors import Refused
from cubequery.operators import expressions
from cubequery.operators.expressions import OnValue, opened
from cubequery.operators.search import ARRAYS, NUMBERS, SearchOperator
from cubequery.ordering import MISSING, NUMBER, compare_numbers, equal, type_class
from cubequery.record import Record
from cubequery.values import INT64_MAX, INT64_MIN

ANY = "any"
"""Kind of a path that no class declares: host conditions and recorded updates."""
_DECIMAL = create_decimal128_context()


class UpdateOperator(Record):
    """One update operator.

    ``kinds``: field types it takes. ``shape``: how its operand is read. ``command`` and ``argument``: MongoDB's ``{command: {path:
    argument(operand)}}``. ``own``: what a stored value must be for it (``array``, ``number``, or ``any``). ``decide(value, operand)``:
    the new value; ``value`` is ``MISSING`` where the field is unset, and ``MISSING`` is returned where it stays or becomes so; raises
    Refused with ``operator_type``, ``overflow`` or ``index``. ``judged``: whether the field's options bind the result as well.
    ``fresh(operand)`` is the value that a request gives to an unset field. ``expression(reference, operand)`` is the same change as an
    aggregation expression, for updates that meet several states at once.
    """

    name: str
    kinds: tuple[str, ...]
    shape: Literal["value", "nothing", "number", "list", "end", "removal", "indexes"]
    command: str
    argument: Callable[[Any], Any]
    own: Literal["any", "array", "number"]
    decide: Callable[[Any, Any], Any]
    sentence: str
    aliases: tuple[str, ...] = ()
    spelled: bool = True
    judged: bool = False
    expression: OnValue | None = None

    def fresh(self, operand: Any) -> Any:
        """What an unset field holds afterwards; ``MISSING`` where it stays unset, as it does under an empty list."""
        return MISSING if self.shape == "list" and not operand else self.decide(MISSING, operand)

    def __repr__(self) -> str:
        return f"<UpdateOperator {self.name}>"


class Removal(Record):
    """Operand of ``pull``: an element goes when every condition holds for it."""

    conditions: tuple[tuple[SearchOperator, Any], ...]

    def takes(self, element: Any) -> bool:
        """Whether the element is removed."""
        candidates = [*element, element] if isinstance(element, list) else [element]
        return all(row.decide(operand)(candidates) for row, operand in self.conditions)

    def expression(self) -> Any:
        """The same condition on ``$$this`` in an aggregation expression."""
        positive = [(row.expression, operand, row.negated) for row, operand in self.conditions if row.expression is not None]
        return {"$and": [opened(on_value, operand, negated=negated) for on_value, operand, negated in positive]}

    def argument(self) -> Any:
        """MongoDB's condition on one element."""
        found: dict[str, Any] = {}
        later = []
        for row, operand in self.conditions:
            condition = row.compile("", operand)[""]
            if condition.keys() & found.keys():
                later.append((row, operand))
            else:
                found |= condition
        if later:
            # `in` and `or` are both $in, and a key stands once in a document: what is left goes behind a double negation.
            found["$not"] = {"$not": Removal(tuple(later)).argument()}
        return found


def _array(value: Any) -> list[Any]:
    if value is MISSING:
        return []
    if not isinstance(value, list):
        raise Refused("operator_type")
    return value


def _push(value: Any, items: Sequence[Any]) -> Any:
    return [*_array(value), *items]


def _add_to_set(value: Any, items: Sequence[Any]) -> Any:
    result = list(_array(value))
    for item in items:
        if not any(equal(item, present) for present in result):
            result.append(item)
    return result


def _pull(value: Any, removal: Removal) -> Any:
    return MISSING if value is MISSING else [item for item in _array(value) if not removal.takes(item)]


def _pull_all(value: Any, items: Sequence[Any]) -> Any:
    return MISSING if value is MISSING else [item for item in _array(value) if not any(equal(item, gone) for gone in items)]


def _pop(value: Any, end: int) -> Any:
    if value is MISSING:
        return MISSING
    return _array(value)[:-1] if end == 1 else _array(value)[1:]


def _inc(value: Any, amount: Any) -> Any:
    if value is MISSING:
        return amount
    if type_class(value) != NUMBER:
        raise Refused("operator_type")
    total = _sum(value, amount)
    # A sum equal to what is stored is no change to MongoDB: -0.0 + 0.0 stays -0.0, and 1.0 + 0.00 (Decimal128) keeps its one digit.
    return value if type(total) is type(value) and compare_numbers(total, value) == 0 else total


def _sum(value: Any, amount: Any) -> Any:
    """The wider of two types wins: int32, int64, double, Decimal128; only an int64 cannot grow."""
    if isinstance(value, Decimal128) or isinstance(amount, Decimal128):
        return Decimal128(_DECIMAL.add(_exact(value), _exact(amount)))
    if isinstance(value, float) or isinstance(amount, float):
        return float(value) + float(amount)
    total = int(value) + int(amount)
    if not INT64_MIN <= total <= INT64_MAX:
        raise Refused("overflow")
    return Int64(total) if any(map(_wide, (value, amount, total))) else total


def _wide(value: int) -> bool:
    """Whether an integer is stored with 64 bits."""
    return isinstance(value, Int64) or not -(2**31) <= value < 2**31


def _exact(value: Any) -> Decimal:
    """A number as MongoDB adds it to a Decimal128: a double with 15 digits, but zero with one."""
    if isinstance(value, Decimal128):
        return value.to_decimal()
    return Decimal(format(value, ".14e" if value else ".0f") if isinstance(value, float) else int(value))


def _indexes(value: Any, items: Sequence[tuple[int, Any]]) -> Any:
    result = list(_array(value))
    for index, item in sorted(items, key=lambda pair: pair[0]):
        if index > len(result):
            raise Refused("index")
        result[index : index + 1] = [item]
    return result


UPDATE_OPERATORS: tuple[UpdateOperator, ...] = (
    UpdateOperator("set", ("any",), "value", "$set", lambda operand: operand, "any", lambda value, operand: operand,
                   "set {field} to {operand}", spelled=False, expression=lambda reference, value: expressions.literal(value)),
    UpdateOperator("unset", ("any",), "nothing", "$unset", lambda operand: "", "any", lambda value, operand: MISSING,
                   "clear {field}", spelled=False),
    UpdateOperator("inc", (*NUMBERS, ANY), "number", "$inc", lambda operand: operand, "number", _inc,
                   "add {operand} to {field}", judged=True, expression=expressions.add),
    UpdateOperator("push", (*ARRAYS, ANY), "list", "$push", lambda operand: {"$each": operand}, "array", _push,
                   "append {operand} to {field}", judged=True, expression=expressions.append),
    UpdateOperator("add_to_set", (*ARRAYS, ANY), "list", "$addToSet", lambda operand: {"$each": operand}, "array", _add_to_set,
                   "append what {field} lacks of {operand}", judged=True, expression=expressions.append_missing),
    UpdateOperator("pull", (*ARRAYS, ANY), "removal", "$pull", lambda operand: operand.argument(), "array", _pull,
                   "remove from {field} what is {operand}", aliases=("pull_with_filter",),
                   expression=lambda reference, removal: expressions.without(reference, removal.expression())),
    UpdateOperator("pull_all", (*ARRAYS, ANY), "list", "$pullAll", lambda operand: operand, "array", _pull_all,
                   "remove {operand} from {field}", expression=expressions.without_items),
    UpdateOperator("pop", (*ARRAYS, ANY), "end", "$pop", lambda operand: operand, "array", _pop,
                   "remove the end {operand} of {field}", expression=expressions.without_end),
    UpdateOperator("set_index", ARRAYS, "indexes", "$set", lambda operand: operand, "array", _indexes,
                   "replace elements of {field}: {operand}", aliases=("update_by_index",), spelled=False, judged=True,
                   expression=expressions.with_elements),
)  # fmt: skip

UPDATE: dict[str, UpdateOperator] = {row.name: row for row in UPDATE_OPERATORS}
SET, UNSET_FIELD, SET_INDEX = UPDATE["set"], UPDATE["unset"], UPDATE["set_index"]
WORDS: dict[str, UpdateOperator] = {
    word: row for row in UPDATE_OPERATORS for word in ((row.name,) if row.spelled else ()) + row.aliases
}  # fmt: skip
"""Every word of a request that stands for an update operator, aliases included."""


def written_order(path: str) -> list[tuple[Any, ...]]:
    """Sort key of the paths of one update: the order in which MongoDB adds the fields that are new.

    Part by part in code-point order, but parts that begin with a digit by length first, leading zeros left out: ``9x`` before ``10x``.
    """
    return [_part_order(part) for part in path.split(".")]


def _part_order(part: str) -> tuple[Any, ...]:
    side = (part[:1] > "9") - (part[:1] < "0")
    digits = part.lstrip("0")
    return (side, 0, part) if side else (0, len(digits.encode()), digits, part)
