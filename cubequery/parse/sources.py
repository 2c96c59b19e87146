"""What one request came in: its texts as received and its decoded JSON body."""

from __future__ import annotations

from typing import Any

from cubequery.check import first_stage
from cubequery.errors import Fault, RequestError
from cubequery.limits import Limits
from cubequery.parse import received
from cubequery.record import Record
from cubequery.syntax import too_large
from cubequery.values import UNSET


class Sources(Record):
    """What one request came in: texts as received, and the decoded JSON body (UNSET: there is none)."""

    query: str = ""
    form: str = ""
    json: Any = UNSET

    def texts(self) -> tuple[tuple[str, str], ...]:
        """The texts that hold something, query string first."""
        query = (("query", self.query),) if self.query else ()
        return (*query, ("form", self.form)) if self.form else query

    def check_syntax(self, limits: Limits) -> None:
        """Size and grammar alone, for requests that are refused before any class is asked. Raises RequestError 400."""
        faults: list[Fault] = []
        for source, text in self.texts():
            large = too_large(text, source, limits)
            faults += [large] if large is not None else received.split(text, source, limits)[1]
        if faults:
            raise RequestError(first_stage(faults, limits.max_faults), dict(self.texts()))
