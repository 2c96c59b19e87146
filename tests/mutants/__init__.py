"""Mutation testing of the core: every small change of its source that the fast tests must notice."""
