"""The log of logger ``cubequery.server`` as JSON, one object a line."""

from __future__ import annotations

import datetime as dt
import json
import logging


class JsonFormatter(logging.Formatter):
    """Time, level, logger and message of a record; of a request its facts too, of a failure the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """One line: whatever breaks lines is escaped in it."""
        time = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        line = {"time": time, "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        line |= getattr(record, "exchange", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)
