"""The Custom Objects API once more, over dicts: slow, obvious, written from its specification alone.

A class is its JSON definition, a record a dict of what answers show (sub-fields as `home[city]`), a request decoded JSON, an answer its
body. Not covered: strategies but tokens, Files, `choices`, `near`, cursors, `page`, projection by id or of sub-fields, host scopes,
operation ids, ids that admins name, id types but ObjectId and Integer user ids; names, operators and values that would be refused.
"""

from cubequery.testing.model.api import Model
from cubequery.testing.model.records import Actor

__all__ = ["Actor", "Model"]
