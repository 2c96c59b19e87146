"""The query engine for custom objects: requests of clients in, MongoDB queries and decisions in memory out.

text --split--> parameters      each distinct name parsed by the grammar once, then remembered     (parse)
     --check--> typed tree      names and values against the class, every fault with its place     (check)
     --join---> authorised      ANDed with what the actor may see and the host's own condition      (acl)
     --compile> MongoDB         filter, sort, projection, pipeline, update: plain dicts             (compile)
     --evaluate decision        the same in memory, for every stored BSON value                     (evaluate)
     --render-> answer          unset is null, hidden names never leave                             (translate)
"""

from cubequery.acl import ADMIN, ANONYMOUS, Actor
from cubequery.check import Settings
from cubequery.errors import CubeQueryError, DefinitionError, Fault, RequestError
from cubequery.host import condition
from cubequery.limits import Limits
from cubequery.operators import SEARCH, SearchOperator
from cubequery.parse import read_json, reference_parse
from cubequery.parse.printer import to_query_string
from cubequery.schema import ClassSchema, load_classes
from cubequery.translate import Change, Plan, parse, translate, translate_update
from cubequery.values import Array, Boolean, Date, File, Float, Integer, Location, Object, String
from cubequery.verdict import Verdict, verdict

__version__ = "0.1.0"

__all__ = [
    "ADMIN",
    "ANONYMOUS",
    "SEARCH",
    "Actor",
    "Array",
    "Boolean",
    "Change",
    "ClassSchema",
    "CubeQueryError",
    "Date",
    "DefinitionError",
    "Fault",
    "File",
    "Float",
    "Integer",
    "Limits",
    "Location",
    "Object",
    "Plan",
    "RequestError",
    "SearchOperator",
    "Settings",
    "String",
    "Verdict",
    "condition",
    "load_classes",
    "parse",
    "read_json",
    "reference_parse",
    "to_query_string",
    "translate",
    "translate_update",
    "verdict",
]
