"""Field types: one class each, the exact values they accept and how they are rendered."""

from cubequery.values.base import UNSET, Anything, FieldType, Huge, Unset, short
from cubequery.values.containers import ELEMENTS, Array, File, Location, Object
from cubequery.values.dates import Date, Time
from cubequery.values.ids import ID_TYPES, USER_ID_TYPES, ObjectIdType, TextUserIdType, UserIdType, parent_type, plain_id
from cubequery.values.scalars import INT64_MAX, INT64_MIN, Boolean, Float, Integer, String

__all__ = [
    "ELEMENTS",
    "ID_TYPES",
    "INT64_MAX",
    "INT64_MIN",
    "UNSET",
    "USER_ID_TYPES",
    "Anything",
    "Array",
    "Boolean",
    "Date",
    "FieldType",
    "File",
    "Float",
    "Huge",
    "Integer",
    "Location",
    "Object",
    "ObjectIdType",
    "String",
    "TextUserIdType",
    "Time",
    "Unset",
    "UserIdType",
    "parent_type",
    "plain_id",
    "short",
]
