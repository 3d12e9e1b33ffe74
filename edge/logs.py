"""One JSON object a log record, on standard error; plain lines where a person looks on."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

_PLAIN = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class JsonLines(logging.Formatter):
    """Time, level, logger, message, and the exception's trace; nothing of a request."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def configure(stream: TextIO = sys.stderr) -> None:
    """Send what is worth knowing to ``stream``."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter(_PLAIN) if stream.isatty() else JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # Each run of a job is no news, and waitress tells of every slow reader.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
