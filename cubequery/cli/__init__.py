"""The command line: a request translated, explained, or run over records. It never shows a traceback or a driver's text."""

from cubequery.cli.program import main

__all__ = ["main"]
