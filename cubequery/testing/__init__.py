"""Tests for embedders: strategies for your classes, and properties of your engines. Needs the extra ``cubequery[testing]``."""

from cubequery.testing import strategies

__all__ = ["strategies"]
