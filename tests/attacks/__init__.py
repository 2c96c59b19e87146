"""Attacks: the catalogue of known ones as tables, and what must hold for every request that somebody may think of."""
