"""The query engine for custom objects: requests of clients in, MongoDB queries and decisions in memory out.

text --split--> parameters      each distinct name parsed by the grammar once, then remembered     (parse)
     --check--> typed tree      names and values against the class, every fault with its place     (check)
     --join---> authorised      ANDed with what the actor may see and the host's own condition      (acl)
     --compile> MongoDB         filter, sort, projection, pipeline, update: plain dicts             (compile)
     --evaluate decision        the same in memory, for every stored BSON value                     (evaluate)
     --render-> answer          unset is null, hidden names never leave                             (translate)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cubequery.acl import ADMIN, ANONYMOUS, Actor
from cubequery.check import Settings
from cubequery.errors import CubeQueryError, DefinitionError, Fault, RequestError
from cubequery.host import condition
from cubequery.limits import Limits
from cubequery.operators import SEARCH, SearchOperator
from cubequery.parse import read_json, reference_parse
from cubequery.parse.printer import to_query_string
from cubequery.schema import ClassSchema, SchemaDiff, load_classes
from cubequery.translate import Plan, parse, translate
from cubequery.values import Array, Boolean, Date, File, Float, Integer, Location, Object, String
from cubequery.verdict import Verdict, verdict

if TYPE_CHECKING:
    from cubequery.classes import AsyncClassSource, ClassSource, DefinitionConflict, FileClasses, StaticClasses
    from cubequery.classes.mongo import AsyncMongoClasses, MongoClasses
    from cubequery.engine import AsyncEngine, Engine
    from cubequery.stores import AsyncMemoryStore, AsyncMongoStore, MemoryStore, MongoStore
    from cubequery.translate.change import Change
    from cubequery.translate.updating import translate_update

__version__ = "0.1.0"
_LATE = {
    "Engine": "cubequery.engine", "AsyncEngine": "cubequery.engine", "MemoryStore": "cubequery.stores", "MongoStore": "cubequery.stores",
    "AsyncMemoryStore": "cubequery.stores", "AsyncMongoStore": "cubequery.stores",
    "ClassSource": "cubequery.classes", "AsyncClassSource": "cubequery.classes", "StaticClasses": "cubequery.classes",
    "FileClasses": "cubequery.classes", "DefinitionConflict": "cubequery.classes",
    "Change": "cubequery.translate.change", "translate_update": "cubequery.translate.updating",
    "MongoClasses": "cubequery.classes.mongo", "AsyncMongoClasses": "cubequery.classes.mongo",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Engines, stores, sources of classes and changes are brought in when they are asked for: a search needs none of them."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_LATE[name]), name)
    return found


__all__ = [
    "ADMIN",
    "ANONYMOUS",
    "SEARCH",
    "Actor",
    "Array",
    "AsyncClassSource",
    "AsyncEngine",
    "AsyncMemoryStore",
    "AsyncMongoClasses",
    "AsyncMongoStore",
    "Boolean",
    "Change",
    "ClassSchema",
    "ClassSource",
    "CubeQueryError",
    "Date",
    "DefinitionConflict",
    "DefinitionError",
    "Engine",
    "Fault",
    "File",
    "FileClasses",
    "Float",
    "Integer",
    "Limits",
    "Location",
    "MemoryStore",
    "MongoClasses",
    "MongoStore",
    "Object",
    "Plan",
    "RequestError",
    "SchemaDiff",
    "SearchOperator",
    "Settings",
    "StaticClasses",
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
