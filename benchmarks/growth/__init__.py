"""How cost grows: with parameters, items of a list, levels and records; and what an adversary's new names leave in memory."""
