"""The specification's data beside the checkout: recorded cases and requests, read in place and never copied."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from bson import SON
from bson.codec_options import DatetimeConversion
from bson.json_util import JSONMode, JSONOptions, loads

CHECKOUT = Path(__file__).resolve().parents[2]

# SON keeps the order of keys, which counts; DATETIME_AUTO gives a DatetimeMS for a date that Python cannot hold, such as year 0.
CASES = JSONOptions(json_mode=JSONMode.CANONICAL, tz_aware=False, datetime_conversion=DatetimeConversion.DATETIME_AUTO, document_class=SON)

Case = SON[str, Any]


def folder() -> Path | None:
    """The folder of the specification's data, or None where it is not at hand."""
    root = Path(os.environ.get("CUBEQUERY_SHARED") or CHECKOUT.parent / "shared")
    return root if root.is_dir() else None


def require_shared(*parts: str) -> Path:
    """A file of `../shared` (or of the folder that CUBEQUERY_SHARED names); without it the test, or the module, is skipped."""
    root = Path(os.environ.get("CUBEQUERY_SHARED") or CHECKOUT.parent / "shared")
    path = root.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{path} is not there: put the specification's `shared` folder beside the checkout", allow_module_level=True)
    return path


def conformance(name: str) -> list[Case]:
    """The recorded cases of one file, such as "filters_mingo" or "updates_mingo"; their form is told in its README."""
    return [loads(line, json_options=CASES) for line in _lines("conformance", f"{name}.jsonl")]


def requests() -> list[dict[str, Any]]:
    """The requests of the API documentation and of real clients, with the answers where they are known."""
    return [json.loads(line) for line in _lines("spec", "requests.jsonl")]


def _lines(*parts: str) -> list[str]:
    """The lines of a file; only "\\n" ends one, since JSON strings may hold U+2028 and its kin."""
    return [line for line in require_shared(*parts).read_text(encoding="utf-8").split("\n") if line]
