"""One family of errors: each takes facts, builds its own text, and knows status, code, key and place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cubequery.names import KnownNames
from cubequery.record import Record

STATUS: Mapping[str, int] = {
    "malformed": 400,
    "too_large": 400,
    "repeated": 400,
    "no_session": 401,
    "need_user": 403,
    "forbidden": 403,
    "undefined_class": 404,
    "not_found": 404,
    "file_not_found": 404,
    "too_many_requests": 429,
    "internal": 500,
    "unavailable": 503,
    "outcome_unknown": 503,
}
"""Every stable code whose status is not 422."""

FIXED: Mapping[str, str] = {
    "repeated": "Parameter is given more than once",
    "no_session": "Required session does not exist",
    "need_user": "Forbidden. Need user.",
    "forbidden": "You don't have appropriate permissions to do this operation",
    "undefined_class": "Undefined class",
    "not_found": "Record not found",
    "file_not_found": "File not found",
    "choice": "Value is not one of the choices",
    "out_of_range": "Value is out of range",
    "not_here": "Parameter is not used by this request",
    "empty_criteria": "Criteria are empty",
    "index": "Index is outside the array",
    "overflow": "Result is out of range",
    "too_big": "Value is too large",
    "parent": "Parent record not found",
    "needs_read": "Operation needs the right to read the record",
    "too_many_requests": "Too many requests",
    "internal": "Internal error",
    "unavailable": "Service is temporarily unavailable",
    "outcome_unknown": "Service is temporarily unavailable. The change may have been applied.",
}
"""Texts that need no facts (Custom Objects API, table of codes)."""

NOWHERE = frozenset({"missing", "too_large"})
"""Codes whose faults stand at no place: what is not there, and limits of the whole."""

NAME_SHOWN = 64
"""Names of a request are echoed cut to this many characters; values never are."""


class Fault(Record):
    """One thing wrong with a request.

    ``key`` is the field or parameter it is reported under. A fault in a query string or form text has ``source``
    (``"query"`` or ``"form"``) and ``offset``, code points from 0 in the text as received; a fault in a JSON body has
    ``path``, keys and list places from the root. A fault that has no place of its own has neither.
    """

    code: str
    key: str
    text: str
    offset: int | None = None
    source: str | None = None
    path: tuple[str | int, ...] | None = None

    @property
    def status(self) -> int:
        """HTTP status that belongs to the code; 422 where no other is listed."""
        return STATUS.get(self.code, 422)

    def at(self, source: str, offset: int) -> Fault:
        """The same fault, found at ``offset`` of a query string or form text."""
        return self if self.code in NOWHERE else Fault(self.code, self.key, self.text, offset, source)

    def under(self, path: tuple[str | int, ...]) -> Fault:
        """The same fault, found at ``path`` of a JSON body."""
        return self if self.code in NOWHERE else Fault(self.code, self.key, self.text, path=path)


class CubeQueryError(Exception):
    """Root of every error that this library raises."""


class DefinitionError(CubeQueryError, ValueError):
    """A class, an actor or a host condition cannot be built; ``problems`` lists every reason found."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class Refused(CubeQueryError):
    """A value cannot be read; ``code`` says why and ``item`` which element of a list. Callers turn it into a Fault."""

    def __init__(self, code: str, item: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.item = item


class RequestError(CubeQueryError):
    """A request is refused; ``faults`` holds every fault of the first stage that failed, in order of appearance.

    ``texts`` are the query string and the form as received. Status, code, key and place are those of the first fault.
    """

    def __init__(self, faults: Sequence[Fault], texts: Mapping[str, str] | None = None) -> None:
        super().__init__()  # its text is made when it is asked for
        self.faults, self.texts = tuple(faults), dict(texts) if texts else {}
        self.status = self.faults[0].status

    @property
    def code(self) -> str:
        """Stable code."""
        return self.faults[0].code

    @property
    def key(self) -> str:
        """The field or parameter that the fault is reported under."""
        return self.faults[0].key

    field = key

    @property
    def offset(self) -> int | None:
        """Code points from the beginning of the text as received."""
        return self.faults[0].offset

    @property
    def path(self) -> tuple[str | int, ...] | None:
        """Keys and list places from the root of a JSON body."""
        return self.faults[0].path

    def __str__(self) -> str:
        return f"{self.key}: {self.faults[0].text}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def body(self) -> dict[str, object]:
        """JSON body of the answer: ``{"errors": {key: [text, ..]}, "code": code of the first}``."""
        errors: dict[str, list[str]] = {}
        for fault in self.faults:
            texts = errors.setdefault(fault.key, [])
            if fault.text not in texts:
                texts.append(fault.text)
        return {"errors": errors, "code": self.code}

    def caret(self) -> str:
        """The faults for a person: the text received, a caret under each faulty place, and what is wrong there."""
        lines = []
        for fault in self.faults:
            text = self.texts.get(fault.source or "")
            if text is not None and fault.offset is not None:
                lines += [_printable(text), " " * fault.offset + "^"]
            where = f" at {list(fault.path)}" if fault.path else ""
            lines.append(f"{fault.status} {fault.code} {fault.key}{where}: {fault.text}")
        return "\n".join(lines)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def plain(code: str, key: str = "base") -> Fault:
    """A fault whose text needs no facts."""
    return Fault(code, key[:NAME_SHOWN], FIXED[code])


def malformed(reason: str) -> Fault:
    """400: the request is not grammatical; ``reason`` is a constant of the code."""
    return Fault("malformed", "base", f"Malformed request: {reason}")


def too_large(limit: str) -> Fault:
    """400: a limit is exceeded; ``limit`` is its name."""
    return Fault("too_large", "base", f"Request is too large: {limit}")


def unknown_field(name: str, known: KnownNames, key: str | None = None) -> Fault:
    """422: ``name`` is no visible field; ``known`` are the visible ones, the only ones ever offered."""
    return Fault("unknown_field", (key or name)[:NAME_SHOWN], f"Unknown field.{_offer(name, known, 'fields')}")


def unknown_operator(name: str, known: KnownNames, key: str) -> Fault:
    """422: ``name`` is no operator of the field ``key``."""
    return Fault("unknown_operator", key, f'Unknown operator "{name[:NAME_SHOWN]}".{_offer(name, known, "operators")}')


def operator_type(name: str, type_name: str, key: str) -> Fault:
    """422: the operator exists, but not for the field's type."""
    return Fault("operator_type", key, f'Operator "{name[:NAME_SHOWN]}" cannot be used on {type_name}')


def wrong_type(type_name: str, key: str) -> Fault:
    """422: the value cannot be read as the field's type."""
    return Fault("wrong_type", key[:NAME_SHOWN], f"Value cannot be read as {type_name}")


def missing(key: str, what: str = "Field") -> Fault:
    """422: a required field (or ``what="Parameter"``) is not given."""
    return Fault("missing", key, f"{what} is required")


def changed_twice(key: str) -> Fault:
    """422: one field has two changes in one request."""
    return Fault("conflict", key, "Field is changed twice in one request")


def conflict(key: str, other: str) -> Fault:
    """422: two parameters exclude one another."""
    return Fault("conflict", key[:NAME_SHOWN], f"Conflicts with {other}")


def permissions(text: str, key: str = "permissions") -> Fault:
    """422: the ``permissions`` object is wrong."""
    return Fault("permissions", key, text)


def refused(code: str, type_name: str, key: str) -> Fault:
    """The fault for a :class:`Refused` value."""
    return wrong_type(type_name, key) if code == "wrong_type" else plain(code, key)


def _offer(name: str, known: KnownNames, what: str) -> str:
    near = known.closest(name)
    hint = "" if near is None else f' Did you mean "{near}"?'
    return f"{hint} Known {what}: {known.text}"
