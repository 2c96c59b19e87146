"""Other dialects over HTTP."""
