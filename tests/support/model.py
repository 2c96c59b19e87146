"""The plain model of the API, as the package has it."""

from cubequery.testing.model import Actor, Model

__all__ = ["Actor", "Model"]
