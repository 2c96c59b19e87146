"""What is wrong with a request, in the words and the shape of the dialect: one text for each name, in a fixed order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cubequery.ast import Field
from cubequery.errors import NAME_SHOWN, Fault, Refused, RequestError
from cubequery.schema.relations import snake
from cubequery.values import FieldType

GIVEN = "The given data was invalid."
MESSAGES: Mapping[int, str] = {
    401: "Unauthenticated.", 403: "This action is unauthorized.", 404: "Not Found.", 429: "Too Many Attempts.", 500: "Server Error",
    503: "Service Unavailable",
}  # fmt: skip
PROHIBITED, DATE, ARRAY, SELECTED = (
    "The {a} field is prohibited.", "The {a} is not a valid date.", "The {a} must be an array.", "The selected {a} is invalid.",
)  # fmt: skip
ITEMS = "The {a} must not have more than {n} items."
INTEGER, LEAST, MOST = "The {a} must be an integer.", "The {a} must be at least {n}.", "The {a} must not be greater than {n}."
BODY, LARGE = "The body is not valid.", "The request is too large."
_TYPES: Mapping[str, str] = {
    "Integer": INTEGER, "Float": "The {a} must be a number.", "String": "The {a} must be a string.",
    "Boolean": "The {a} field must be true or false.", "Date": DATE,
}  # fmt: skip
_SURROGATE = re.compile("[\ud800-\udfff]")
"""What JSON may escape and no UTF-8 can hold."""
_BRACKET = re.compile(r"\[([^\]]*)\]")


class ConnectNowError(RequestError):
    """A request refused with 422; ``errors`` are the texts by name, in the order in which they are answered.

    ``faults`` are the same with the library's own codes, which no body of this dialect has a place for.
    """

    def __init__(self, errors: Mapping[str, str], codes: Mapping[str, str]) -> None:
        super().__init__([Fault(codes[name], name[:NAME_SHOWN], text) for name, text in errors.items()])
        self.status, self.errors = 422, dict(errors)


class WrongMethod(RequestError):
    """405: the path is known and takes the methods in ``allow`` only."""

    def __init__(self, method: str, allow: Iterable[str]) -> None:
        self.allow = tuple(allow)
        text = f"The {method} method is not supported for this route. Supported methods: {', '.join(self.allow)}."
        super().__init__([Fault("not_here", "base", text)])
        self.status = 405


class Findings:
    """Texts by name as they are found; the first of a name counts."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}
        self.codes: dict[str, str] = {}

    def add(self, name: str, text: str, code: str = "wrong_type", **facts: Any) -> None:
        """Report one; ``{a}`` in the text is the name as people read it, ``code`` the library's for what is wrong."""
        shown = _SURROGATE.sub("\ufffd", name[:NAME_SHOWN])
        self.errors.setdefault(shown, text.format(a=readable(shown), **facts))
        self.codes.setdefault(shown, code)

    def refusal(self) -> ConnectNowError | None:
        """What the request is refused with, or None."""
        return ConnectNowError(self.errors, self.codes) if self.errors else None

    def check(self) -> None:
        """Raises ConnectNowError."""
        refusal = self.refusal()
        if refusal is not None:
            raise refusal


def unreadable() -> ConnectNowError:
    """422 for a body that is neither JSON nor a form; this API has no 400."""
    return ConnectNowError({"body": BODY}, {"body": "malformed"})


def readable(name: str) -> str:
    """A plain name in snake case with blanks; the name of an element as it is."""
    return name if "." in name else snake(name).replace("_", " ")


def dotted(key: str) -> str:
    """``address[city]`` and ``_id`` as this dialect names them."""
    return "id" if key == "_id" else _BRACKET.sub(r".\1", key)


def text_of(fault: Fault, field: Field | None, value: Any = None) -> str:
    """The text for a fault of a body field that was given ``value``, ``{a}`` still in it."""
    kind = None if field is None else field.type
    if fault.code == "missing":
        return "The {a} field is required."
    if fault.code in ("unknown_field", "not_here", "repeated"):
        return PROHIBITED
    if fault.code == "wrong_type" and kind is not None:
        return ARRAY if kind.kind.endswith("_a") else _TYPES.get(kind.kind, SELECTED)
    if fault.code == "too_big" and kind is not None and kind.max_length is not None:
        what = f"have more than {kind.max_length} items" if kind.kind.endswith("_a") else f"be greater than {kind.max_length} characters"
        return f"The {{a}} must not {what}."
    if fault.code == "out_of_range" and kind is not None and (kind.minimum is not None or kind.maximum is not None):
        return _bound_text(kind, value)
    return SELECTED


def _bound_text(kind: FieldType, value: Any) -> str:
    """Which bound of a field a value breaks: the lower one where there is no other, or where some element lies under it."""
    given = value if isinstance(value, list) else [value]
    if kind.minimum is not None and (kind.maximum is None or any(_below(each, kind.minimum, kind.element) for each in given)):
        return LEAST.replace("{n}", str(kind.minimum))
    return MOST.replace("{n}", str(kind.maximum))


def _below(value: Any, bound: Any, kind: FieldType) -> bool:
    """Whether a value, a text or not, lies under a bound of its field."""
    read = kind.read_text if isinstance(value, str) and kind.name != "Date" else kind.read_json
    try:
        return bool(read(value) < kind.read_json(bound))
    except (Refused, TypeError):  # no value of the type, which is told under another code, or null
        return False


def invalid(errors: Mapping[str, Sequence[str]] | Mapping[str, str]) -> dict[str, Any]:
    """The body of a 422."""
    return {"message": GIVEN, "errors": {name: [text] if isinstance(text, str) else list(text) for name, text in errors.items()}}


def answer_to(error: RequestError) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer to a refusal, this dialect's or the engine's; this API has no 400."""
    if isinstance(error, ConnectNowError):
        return 422, invalid(error.errors)
    if error.status == 405:
        return 405, {"message": error.faults[0].text}
    if error.status == 400:
        return 422, invalid({"request": LARGE} if error.code == "too_large" else {"body": BODY})
    if error.status == 422:
        found = Findings()
        for fault in error.faults:
            found.add("body" if fault.key == "base" else dotted(fault.key), text_of(fault, None), fault.code)
        return 422, invalid(found.errors)
    return error.status, {"message": MESSAGES.get(error.status, MESSAGES[500])}
