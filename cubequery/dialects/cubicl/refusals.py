"""What is wrong with a request: its form (400) or its meaning (422). Where both are, the form is answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cubequery import errors
from cubequery.errors import Fault, RequestError

QUERY_FORM = frozenset({"malformed", "too_large", "too_big", "repeated", "wrong_type", "missing", "conflict"})
"""Codes that say of a parameter that it cannot be read, lacks, or must not stand beside another."""
CREATE_FORM = frozenset({"malformed", "too_large", "repeated", "wrong_type", "missing"})
UPDATE_FORM = CREATE_FORM - {"missing"}
"""The same of a field in a body; a required field that an update unsets was read well and makes no sense."""


STABLE = frozenset({*errors.STATUS, *errors.FIXED, "wrong_type", "missing", "conflict", "unknown_field", "operator_type", "permissions"})
"""The codes that a refusal of a request to this dialect may carry."""


def code_problems(codes: Mapping[str, int]) -> Iterable[str]:
    """What is wrong with a table of numbers by code."""
    for code, number in codes.items():
        if code not in STABLE:
            yield f"codes: {code!r} is no code"
        elif type(number) is not int or number < 1:
            yield f"codes: {code} needs a positive integer"


class CubiclError(RequestError):
    """A request refused by its form (``status`` 400) or its meaning (422); ``faults`` are all those of that one kind."""

    def __init__(self, faults: Sequence[Fault], status: int, texts: Mapping[str, str] | None = None) -> None:
        super().__init__(faults, texts)
        self.status = status


class Findings:
    """Faults as they are found. ``form`` are the codes that count as a fault of form."""

    def __init__(self, form: frozenset[str], texts: Mapping[str, str] | None = None) -> None:
        self._form, self._texts = form, dict(texts or {})
        self._found: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Report one."""
        self._found.append(fault)

    def has(self, key: str) -> bool:
        """Whether something is wrong with this parameter or field."""
        return any(fault.key == key for fault in self._found)

    def check_form(self) -> None:
        """Raises CubiclError 400 where the form of the request is at fault."""
        faults = [fault for fault in self._found if fault.code in self._form]
        if faults:
            raise CubiclError(list(dict.fromkeys(faults)), 400, self._texts)

    def refusal(self) -> CubiclError | None:
        """What the meaning of a request of sound form is refused with (422), or None."""
        return CubiclError(list(dict.fromkeys(self._found)), 422, self._texts) if self._found else None

    def check(self) -> None:
        """Raises CubiclError: 400 for faults of form, else 422 for those of meaning."""
        self.check_form()
        refusal = self.refusal()
        if refusal is not None:
            raise refusal


def refuse(fault: Fault, status: int) -> CubiclError:
    """One fault as the error to raise."""
    return CubiclError([fault], status)


def together(name: str, other: str) -> Fault:
    """400: two parameters that come together or not at all; ``name`` is the one that lacks."""
    return Fault("missing", name[: errors.NAME_SHOWN], f"Parameter is required beside {other}")
