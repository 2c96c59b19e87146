"""How reading grows with the number of records: ``python -m benchmarks.scale``."""
