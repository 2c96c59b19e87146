"""The same decisions as MongoDB's, in Python: conditions, order and groups over stored documents."""

from cubequery.evaluate.group import group
from cubequery.evaluate.order import first, sort_documents
from cubequery.evaluate.paths import candidates, expression_value
from cubequery.evaluate.predicate import matcher, selector

__all__ = ["candidates", "expression_value", "first", "group", "matcher", "selector", "sort_documents"]
