"""The same decisions as MongoDB's, in Python: conditions, order and groups over stored documents."""

from cubequery.evaluate.group import group
from cubequery.evaluate.order import first, sort_documents
from cubequery.evaluate.paths import candidates, expression_value
from cubequery.evaluate.predicate import matcher, selector
from cubequery.evaluate.update import ChangeRefused, apply_changes

__all__ = ["ChangeRefused", "apply_changes", "candidates", "expression_value", "first", "group", "matcher", "selector", "sort_documents"]
