"""Names and values against the class: from parameters to a typed tree, or to every fault of the first stage that failed."""

from cubequery.check.change import build_write, matches_everything
from cubequery.check.faults import Entry, Faults, first_stage
from cubequery.check.merge import merge
from cubequery.check.query import build_condition, build_query, build_record_query
from cubequery.check.search import record_slot, search_slot
from cubequery.check.settings import DEFAULTS, Settings
from cubequery.check.slots import BadName, Slot
from cubequery.check.write import CREATE, CREATE_MANY, CRITERIA, UPDATE, UPDATE_MANY, write_slot

__all__ = [
    "CREATE",
    "CREATE_MANY",
    "CRITERIA",
    "DEFAULTS",
    "UPDATE",
    "UPDATE_MANY",
    "BadName",
    "Entry",
    "Faults",
    "Settings",
    "Slot",
    "build_condition",
    "build_query",
    "build_record_query",
    "build_write",
    "first_stage",
    "matches_everything",
    "merge",
    "record_slot",
    "search_slot",
    "write_slot",
]
