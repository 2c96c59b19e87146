"""The OpenAPI 3.1 document of an engine's classes: made from the classes themselves and from the operators' own rows."""

from cubequery.server.openapi.paths import document

__all__ = ["document"]
