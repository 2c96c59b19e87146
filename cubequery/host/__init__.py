"""What the host says in MongoDB's own words, over stored paths of any type; nothing that came in a request is read here."""

from cubequery.host.conditions import condition

__all__ = ["condition"]
