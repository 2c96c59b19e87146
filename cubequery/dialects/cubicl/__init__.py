"""The Cubicl dialect: endpoints of named predicates, Unix seconds, text ids, sparse records in bare arrays."""

from cubequery.dialects.cubicl.bodies import Written
from cubequery.dialects.cubicl.declaration import Endpoint, Parameter
from cubequery.dialects.cubicl.dialect import Cubicl
from cubequery.dialects.cubicl.plan import CubiclPlan
from cubequery.dialects.cubicl.refusals import CubiclError
from cubequery.dialects.cubicl.routes import Route, WrongMethod
from cubequery.dialects.cubicl.trees import descendants_of
from cubequery.dialects.cubicl.usual import SERVICE, endpoints_for

__all__ = [
    "SERVICE",
    "Cubicl",
    "CubiclError",
    "CubiclPlan",
    "Endpoint",
    "Parameter",
    "Route",
    "Written",
    "WrongMethod",
    "descendants_of",
    "endpoints_for",
]
