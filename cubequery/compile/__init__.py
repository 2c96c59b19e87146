"""The tree as what MongoDB is told: plain documents, no driver."""

from cubequery.compile.mongo_filter import compile_filter

__all__ = ["compile_filter"]
