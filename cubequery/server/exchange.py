"""What is told of one request: to the log, and to whoever counts."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

KEY = "cubequery.exchange"


@dataclass(slots=True)
class Exchange:
    """Facts of one request and its answer. Nothing that a client wrote is among them but the name of a class that exists.

    ``code`` is that of a refusal, ``uploaded`` the bytes of a file that was kept.
    """

    method: str
    operation: str = "-"
    class_name: str = "-"
    status: int | None = None
    code: str | None = None
    uploaded: int = 0
    started: float = field(default_factory=time.perf_counter)
    _id: str = ""

    @property
    def request_id(self) -> str:
        """Drawn when it is first told."""
        self._id = self._id or secrets.token_hex(8)
        return self._id

    def facts(self) -> dict[str, Any]:
        """What the log tells; ``status`` is None where the client left before an answer."""
        return {
            "method": self.method, "operation": self.operation, "class": self.class_name, "status": self.status,
            "duration_ms": round((time.perf_counter() - self.started) * 1000, 1), "request_id": self.request_id,
        }  # fmt: skip
