"""Seeded worlds for volume, as the package has them."""

from cubequery.testing.worlds import ACTORS, World, world_class

__all__ = ["ACTORS", "World", "world_class"]
