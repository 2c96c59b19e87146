"""The Cubicl dialect: endpoints of named predicates, Unix seconds, text ids, sparse records in bare arrays."""

from cubequery.dialects.cubicl.declaration import Endpoint, Parameter
from cubequery.dialects.cubicl.dialect import Cubicl
from cubequery.dialects.cubicl.plan import CubiclPlan
from cubequery.dialects.cubicl.refusals import CubiclError

__all__ = ["Cubicl", "CubiclError", "CubiclPlan", "Endpoint", "Parameter"]
