"""What is wrong with a request: its form (400) or its meaning (422). Where both are, the form is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cubequery import errors
from cubequery.errors import Fault, RequestError

QUERY_FORM = frozenset({"malformed", "too_large", "too_big", "repeated", "wrong_type", "missing", "conflict"})
"""Codes that say of a parameter that it cannot be read, lacks, or must not stand beside another."""
CREATE_FORM = frozenset({"malformed", "too_large", "repeated", "wrong_type", "missing"})
UPDATE_FORM = CREATE_FORM - {"missing"}
"""The same of a field in a body; a required field that an update unsets was read well and makes no sense."""


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

    def check_form(self) -> None:
        """Raises CubiclError 400 where the form of the request is at fault."""
        self._raise([fault for fault in self._found if fault.code in self._form], 400)

    def check(self) -> None:
        """Raises CubiclError: 400 for faults of form, else 422 for those of meaning."""
        self.check_form()
        self._raise(self._found, 422)

    def _raise(self, faults: Sequence[Fault], status: int) -> None:
        if faults:
            raise CubiclError(list(dict.fromkeys(faults)), status, self._texts)


def refuse(fault: Fault, status: int) -> CubiclError:
    """One fault as the error to raise."""
    return CubiclError([fault], status)


def together(name: str, other: str) -> Fault:
    """400: two parameters that come together or not at all; ``name`` is the one that lacks."""
    return Fault("missing", name[: errors.NAME_SHOWN], f"Parameter is required beside {other}")
