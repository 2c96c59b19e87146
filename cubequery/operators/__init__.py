"""Operators as data: one row says what an operator takes, compiles to, decides and means."""

from cubequery.operators.aggregate import CALC, CALCULATIONS, GROUP_KINDS, Calculation
from cubequery.operators.caseless import ICONTAINS, WORD_PREFIX
from cubequery.operators.keyset import AFTER, GREATER, LESS
from cubequery.operators.near import Circle, read_circle
from cubequery.operators.search import EQ, GT, GTE, HOST, IN, LT, LTE, NE, OR, SEARCH, OperatorTable, Pattern, Plain, SearchOperator
from cubequery.operators.update import SET, SET_INDEX, UNSET_FIELD, UPDATE, WORDS, Removal, UpdateOperator

__all__ = [
    "AFTER",
    "CALC",
    "CALCULATIONS",
    "EQ",
    "GREATER",
    "GROUP_KINDS",
    "GT",
    "GTE",
    "HOST",
    "ICONTAINS",
    "IN",
    "LESS",
    "LT",
    "LTE",
    "NE",
    "OR",
    "SEARCH",
    "SET",
    "SET_INDEX",
    "UNSET_FIELD",
    "UPDATE",
    "WORDS",
    "WORD_PREFIX",
    "Calculation",
    "Circle",
    "OperatorTable",
    "Pattern",
    "Plain",
    "Removal",
    "SearchOperator",
    "UpdateOperator",
    "read_circle",
]
