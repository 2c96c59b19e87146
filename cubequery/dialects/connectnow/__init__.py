"""The ConnectNow dialect: query strings and forms divided as PHP divides them, dates in the spellings of its framework."""

from cubequery.dialects.connectnow.dates import Moment, read_date, read_moment
from cubequery.dialects.connectnow.splitting import Parameter, split, trimmed
from cubequery.dialects.connectnow.trees import Tree, tree

__all__ = ["Moment", "Parameter", "Tree", "read_date", "read_moment", "split", "tree", "trimmed"]
