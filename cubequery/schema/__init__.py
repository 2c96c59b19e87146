"""Class schemas: what a class is, how it is read, what another definition would mean for its records."""

from cubequery.names import HIDDEN, SYSTEM
from cubequery.schema.class_schema import ClassSchema
from cubequery.schema.diff import VERDICTS, Difference, SchemaDiff
from cubequery.schema.fields import all_leaves
from cubequery.schema.loading import load_classes, read_classes, read_each, together
from cubequery.schema.permissions import ClassLevel
from cubequery.schema.strategy import Strategy

__all__ = [
    "HIDDEN",
    "SYSTEM",
    "VERDICTS",
    "ClassLevel",
    "ClassSchema",
    "Difference",
    "SchemaDiff",
    "Strategy",
    "all_leaves",
    "load_classes",
    "read_classes",
    "read_each",
    "together",
]
