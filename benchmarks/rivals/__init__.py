"""Every peer in one table: what it gets right of the corpus beside what that costs (``python -m benchmarks.rivals``)."""
