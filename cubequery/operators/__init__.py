"""Operators as data: one row says what an operator takes, compiles to, decides and means."""

from cubequery.operators.aggregate import CALC, CALCULATIONS, GROUP_KINDS, Calculation
from cubequery.operators.near import Circle, read_circle
from cubequery.operators.search import AFTER, EQ, GT, HOST, IN, NE, OR, SEARCH, OperatorTable, SearchOperator
from cubequery.operators.update import SET, SET_INDEX, UNSET_FIELD, UPDATE, WORDS, Removal, UpdateOperator

__all__ = [
    "AFTER",
    "CALC",
    "CALCULATIONS",
    "EQ",
    "GROUP_KINDS",
    "GT",
    "HOST",
    "IN",
    "NE",
    "OR",
    "SEARCH",
    "SET",
    "SET_INDEX",
    "UNSET_FIELD",
    "UPDATE",
    "WORDS",
    "Calculation",
    "Circle",
    "OperatorTable",
    "Removal",
    "SearchOperator",
    "UpdateOperator",
    "read_circle",
]
