"""Every number of the catalogue is tested here or through the server, or waits, with its reason, for more; none is missing."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from tests.attacks.covered import COVERED
from tests.attacks.table import rows
from tests.support.shared import require_shared

NUMBERS = range(1, 179)
NEEDS: dict[int, str] = {
    96: "engine: the ACL changes between a check and a write",
    99: "engine: a child is created during a cascade",
    100: "engine: a store call is applied and its answer lost",
    103: "engine: the store commands sent for a hidden and for a missing record",
    104: "engine: texts of the driver",
    118: "engine: a record's size as it would be stored",
    122: "engine: cascades",
    153: "engine: a scope that is bound to it",
    176: "engine: a parent is looked up in the store",
}
REST: dict[int, str] = {
    29: "engine: the class level on every route",
    30: "engine: creating",
    33: "engine: the cache of plans",
    67: "engine: 404 by id",
    71: "engine: the audit of drift, and routes that render permissions",
    75: "engine: indexes and the check when the store is opened",
    84: "engine: creating, and an admin who names no owner",
    90: "engine: multi updates",
    93: "engine: multi updates and the delete behind them",
    94: "engine: the refusal's code, and cascades over a cycle",
    95: "engine: what the answer to a blind write holds",
    97: "engine: batches",
    98: "engine: two appends at once",
    101: "engine: two owners' requests at once",
    106: "engine: indexes that are never created",
    107: "engine: the id that a record is given",
    120: "paging of another dialect",
    121: "engine: a call that takes too long",
    123: "engine: the cache of plans",
    126: "engine: explain warns",
    136: "names of another dialect",
    143: "scopes of another dialect",
    149: "engine: by id and many ids",
    150: "engine: creating and multi updates",
    151: "engine: parents, cascades, files, cursors",
    164: "engine: ids of a path",
    165: "engine: creating",
    167: "engine: permissions as rendered, and changes of the owner",
    171: "engine: routes that take permissions",
    175: "engine: cascades",
    177: "engine: cursors",
}
"""What a row asks beyond what is tested here."""


def covered() -> set[int]:
    """Numbers of the tables' rows and of the tests that say which rows they are."""
    folder = Path(__file__).parent
    for path in sorted(folder.glob("test_*.py")):
        importlib.import_module(f"tests.attacks.{path.stem}")
    for name in ("test_acl", "test_actors", "test_limits", "test_bounded_work"):
        importlib.import_module(f"tests.{name}")
    for path in sorted((folder.parent / "server").glob("test_*.py")):
        importlib.import_module(f"tests.server.{path.stem}")
    return COVERED | {sent.number for sent in rows()}


def test_no_number_is_missing() -> None:
    found = covered()
    assert found | set(NEEDS) == set(NUMBERS), f"missing: {sorted(set(NUMBERS) - found - set(NEEDS))}"
    assert not found & set(NEEDS), f"tested after all: {sorted(found & set(NEEDS))}"
    assert set(REST) <= found
    assert all(reason.partition(":")[0] in ("engine", "server") or "dialect" in reason for reason in (*NEEDS.values(), *REST.values()))


def test_the_catalogue_has_these_numbers() -> None:
    """A row added to the catalogue is missed here until it is tested or given a reason."""
    text = require_shared("spec", "security.md").read_text(encoding="utf-8")
    section = text.partition("## 2. Attack catalogue")[2].partition("## 3.")[0]
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)] == list(NUMBERS)
