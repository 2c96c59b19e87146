"""What figures were printed by."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from datetime import date
from importlib.metadata import version
from typing import Any


def machine(peers: Iterable[str]) -> dict[str, Any]:
    """Date, interpreter, cores, load, and the versions of the packages that were measured beside ours."""
    return {
        "date": date.today().isoformat(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "peers": {name: version(name) for name in peers},
    }
