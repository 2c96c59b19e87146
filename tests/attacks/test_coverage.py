"""Every number of the catalogue is tested here, through the server or by an engine; none is missing, and it is counted what is sent."""

from __future__ import annotations

import ast
import importlib
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.attacks.covered import COVERED
from tests.attacks.table import rows
from tests.support.shared import require_shared

NUMBERS = range(1, 179)
ALSO: dict[int, tuple[str, ...]] = {
    22: ("engine/test_operations.py::test_no_answer_to_others_depends_on_a_hidden_record",),
    29: ("engine/test_acl_model.py::test_every_level_of_one_action",),
    30: ("engine/test_acl_model.py::test_every_level_of_create", "engine/test_why.py::test_creating_is_decided_without_a_record"),
    67: ("engine/test_acl_model.py::test_every_level_of_the_other_strategies",),
    71: ("engine/test_audit.py::test_drift_is_counted", "engine/test_audit.py::test_what_the_engine_writes_never_drifts"),
    84: ("engine/test_operations.py::test_trap", "engine/test_refusals.py::test_refused"),
    90: ("engine/test_operations.py::test_trap",),
    93: ("engine/test_refusals.py::test_refused", "engine/test_operations.py::test_reasons_against_a_parent_have_one_answer"),
    94: ("engine/test_parents.py::test_nothing_is_its_own_parent",),
    95: ("engine/test_noninterference.py::test_a_blind_writer_is_told_nothing_of_what_is_stored",),
    96: (
        "races/test_races.py::test_what_lands_is_permitted_however_they_are_interrupted",
        "races/test_races_mongod.py::test_what_lands_is_permitted_on_a_server",
        "engine/test_files.py::test_a_right_that_goes_while_the_bytes_come",
    ),
    97: ("races/test_races.py::test_what_lands_is_permitted",),
    98: ("races/test_races.py::test_of_two_appends_one_appends_and_the_other_replaces",),
    99: (
        "engine/test_cascade.py::test_what_is_put_below_is_deleted_as_well",
        "engine/test_cascade.py::test_what_is_put_below_a_record_that_is_taken_back_is_taken_back_as_well",
        "engine/test_mongo_store.py::test_no_child_outlives_a_parent_that_is_deleted_meanwhile",
    ),
    100: (
        "engine/test_fault_table.py::test_a_read_that_is_lost_starts_anew_once_and_a_write_never",
        "engine/test_faults_on_servers.py::test_one_fault_of_many",
        "engine/test_failover.py::test_nothing_acknowledged_is_lost_or_doubled",
    ),
    101: ("races/test_races.py::test_of_two_writes_of_rights_one_is_kept_whole",),
    103: ("engine/test_noninterference.py::test_a_hidden_id_costs_what_a_missing_one_costs",),
    104: (
        "engine/test_fault_table.py::test_the_answer_to_an_error",
        "engine/test_fault_table.py::test_a_duplicate_is_answered_under_the_public_name",
    ),
    106: ("engine/test_indexes.py::test_owner_fields_lead_and_no_index_holds_two_arrays",),
    118: ("engine/test_size.py::test_in_memory", "engine/test_size.py::test_on_a_server"),
    121: ("engine/test_time_limits.py::test_every_command_has_a_limit", "engine/test_fault_table.py::test_the_answer_to_an_error"),
    122: (
        "engine/test_transactions.py::test_a_cascade_above_a_batch_leaves_no_orphan_where_it_is_cut",
        "engine/test_mongo_store.py::test_a_record_above_the_batch_is_changed_batch_by_batch",
    ),
    126: ("engine/test_indexes.py::test_too_many_scans_are_warned_of",),
    149: ("engine/test_scope_alone.py::test_a_scope_says_no_more_than_a_store_of_its_own",),
    150: ("engine/test_scope_alone.py::test_records_of_other_scopes",),
    151: ("engine/test_scope_alone.py::test_records_of_other_scopes", "engine/test_files.py::test_a_scope_sweeps_its_own_files"),
    165: ("engine/test_noninterference.py::test_a_blind_writer_is_told_nothing_of_what_is_stored",),
    167: ("engine/test_audit.py::test_drift_is_counted", "engine/test_operations.py::test_rights_of_a_new_level"),
    177: ("engine/test_keyset.py::test_a_cursor_of_others_opens_nothing", "engine/test_keyset.py::test_what_is_refused"),
}
"""Where else the row is tried: by an engine over every store, in a race, or by a campaign."""
ENGINE_ALONE = {96, 99, 100, 103, 104, 118}
"""Rows that are no request with an answer of its own: they are tried where ``ALSO`` says, and nowhere else."""


def covered() -> set[int]:
    """Numbers of the tables' rows and of the tests that say which rows they are."""
    folder = Path(__file__).parent
    for path in sorted(folder.glob("test_*.py")):
        importlib.import_module(f"tests.attacks.{path.stem}")
    for name in ("test_acl", "test_actors", "test_limits", "test_bounded_work"):
        importlib.import_module(f"tests.{name}")
    for path in sorted((folder.parent / "server").glob("test_*.py")):
        importlib.import_module(f"tests.server.{path.stem}")
    importlib.import_module("tests.engine.test_attack_rows")
    return COVERED | {sent.number for sent in rows()}


def test_no_number_is_missing() -> None:
    found = covered()
    assert found | ENGINE_ALONE == set(NUMBERS), f"missing: {sorted(set(NUMBERS) - found - ENGINE_ALONE)}"
    assert not found & ENGINE_ALONE, f"tested after all: {sorted(found & ENGINE_ALONE)}"
    assert set(ALSO) >= ENGINE_ALONE


@pytest.mark.parametrize("name", sorted({name for names in ALSO.values() for name in names}))
def test_what_is_tried_elsewhere_is_there(name: str) -> None:
    path, _, test = name.partition("::")
    tree = ast.parse((Path(__file__).parents[1] / path).read_text(encoding="utf-8"))
    assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


ENTRIES = ("list", "criteria", "delete", "by_criteria", "update", "bulk", "create", "created", "updated", "create_many", "update_many")
COUNTS: dict[str, int] = {
    "Q list": 235, "Q criteria": 160, "Q delete": 168, "Q by_criteria": 10, "Q update": 105, "Q bulk": 105, "Q create": 74,
    "Q created": 74, "Q updated": 103, "Q create_many": 4, "Q update_many": 8,
    "F list": 235, "F criteria": 160, "F delete": 168, "F by_criteria": 10, "F update": 105, "F bulk": 105, "F create": 74,
    "F created": 74, "F updated": 103, "F create_many": 4, "F update_many": 8,
    "J list": 254, "J criteria": 161, "J delete": 169, "J by_criteria": 17, "J update": 166, "J bulk": 151, "J create": 122,
    "J created": 107, "J updated": 148, "J create_many": 12, "J update_many": 19,
}  # fmt: skip
"""How often the tables' rows are sent, by carrier and place: each of them by the library and over HTTP. A change of these is meant."""


def test_how_often_rows_are_sent() -> None:
    found = Counter(f"{sent.carrier} {sent.place}" for sent in rows())
    assert {place for _, place in map(str.split, found)} <= set(ENTRIES)
    assert dict(found) == COUNTS


def test_the_catalogue_has_these_numbers() -> None:
    """A row added to the catalogue is missed here until it is tested or given a reason."""
    text = require_shared("spec", "security.md").read_text(encoding="utf-8")
    section = text.partition("## 2. Attack catalogue")[2].partition("## 3.")[0]
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)] == list(NUMBERS)
