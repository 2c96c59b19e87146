"""Operations without I/O: generators of store commands, written once and driven over any store."""

from cubequery.operations.create import create, create_many
from cubequery.operations.delete import delete_by_criteria, delete_many, delete_one
from cubequery.operations.read import get_many, get_one, get_permissions, list_records
from cubequery.operations.update import update_by_criteria, update_many, update_one
from cubequery.operations.work import Work, check_operation_id, digest
from cubequery.stores.commands import Command, Count, Document, Find, Groups, Insert, Modify, Remove, Select, Settle, Steps, do

__all__ = [
    "Command",
    "Count",
    "Document",
    "Find",
    "Groups",
    "Insert",
    "Modify",
    "Remove",
    "Select",
    "Settle",
    "Steps",
    "Work",
    "check_operation_id",
    "create",
    "create_many",
    "delete_by_criteria",
    "delete_many",
    "delete_one",
    "digest",
    "do",
    "get_many",
    "get_one",
    "get_permissions",
    "list_records",
    "update_by_criteria",
    "update_many",
    "update_one",
]
