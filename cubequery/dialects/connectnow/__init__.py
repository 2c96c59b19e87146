"""The ConnectNow dialect: query strings and forms divided as PHP divides them, the framework's dates, pages and refusals."""

from cubequery.dialects.connectnow.bodies import Written, given_token, received
from cubequery.dialects.connectnow.dates import Moment, read_date, read_moment
from cubequery.dialects.connectnow.declaration import Endpoint, Filter
from cubequery.dialects.connectnow.dialect import ConnectNow
from cubequery.dialects.connectnow.plan import ConnectNowPlan, envelope
from cubequery.dialects.connectnow.refusals import ConnectNowError, WrongMethod
from cubequery.dialects.connectnow.routes import Route
from cubequery.dialects.connectnow.splitting import Parameter, split, trimmed
from cubequery.dialects.connectnow.trees import Tree, tree
from cubequery.dialects.connectnow.usual import endpoints_of

__all__ = [
    "ConnectNow",
    "ConnectNowError",
    "ConnectNowPlan",
    "Endpoint",
    "Filter",
    "Moment",
    "Parameter",
    "Route",
    "Tree",
    "Written",
    "WrongMethod",
    "endpoints_of",
    "envelope",
    "given_token",
    "read_date",
    "read_moment",
    "received",
    "split",
    "tree",
    "trimmed",
]
