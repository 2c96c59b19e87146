"""Operations without I/O: generators of store commands, written once and driven over any store."""

from cubequery.operations.adopt import adopt
from cubequery.operations.audit import audit
from cubequery.operations.create import create, create_many
from cubequery.operations.delete import delete_by_criteria, delete_many, delete_one
from cubequery.operations.expand import Expanded, Level, expand, paths_of
from cubequery.operations.files import Download, Upload, delete_file, download, sweep, upload
from cubequery.operations.importing import import_records
from cubequery.operations.origin import Origin, read_origin
from cubequery.operations.read import get_many, get_one, get_permissions, list_records, why
from cubequery.operations.update import update_by_criteria, update_many, update_one
from cubequery.operations.work import Progress, Work, check_operation_id, digest
from cubequery.stores.commands import Command, Count, Document, Find, Groups, Insert, Modify, Remove, Select, Steps, Together, do

__all__ = [
    "Command",
    "Count",
    "Document",
    "Download",
    "Expanded",
    "Find",
    "Groups",
    "Insert",
    "Level",
    "Modify",
    "Origin",
    "Progress",
    "Remove",
    "Select",
    "Steps",
    "Together",
    "Upload",
    "Work",
    "adopt",
    "audit",
    "check_operation_id",
    "create",
    "create_many",
    "delete_by_criteria",
    "delete_file",
    "delete_many",
    "delete_one",
    "digest",
    "do",
    "download",
    "expand",
    "get_many",
    "get_one",
    "get_permissions",
    "import_records",
    "list_records",
    "paths_of",
    "read_origin",
    "sweep",
    "update_by_criteria",
    "update_many",
    "update_one",
    "upload",
    "why",
]
