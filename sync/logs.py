"""One line a log record: JSON for a journal, plain text for a terminal. About nobody.

An exception is told by its type and by where it came from, never by its text: a text may hold
what a person typed.
"""

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

_OWN = logging.makeLogRecord({}).__dict__.keys() | {"message", "asctime", "taskName"}
# What a library says of every request or job; its warnings and errors are kept.
_TALKATIVE = ("apscheduler", "werkzeug", "waitress", "urllib3", "alembic")
# A search is in the address; of a line that has one, only the path is kept.
_QUERY = re.compile(r"\?[^\s\"']*")


class JsonLines(logging.Formatter):
    """``time`` (UTC), ``level``, ``logger``, ``message``, then what ``extra`` brought."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": _utc(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        return json.dumps(_extras(record) | told, default=_kind_of)


class PlainLines(logging.Formatter):
    """The same for whoever sits before the terminal."""

    def format(self, record: logging.LogRecord) -> str:
        extras = " ".join(f"{key}={value}" for key, value in _extras(record).items())
        when = _utc(record.created)[11:19]
        line = f"{when} {record.levelname.lower():7} {record.name}: {_message(record)} {extras}"
        # A line break or an escape in a message must not look like another line.
        return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in line.rstrip())


def configure(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send every logger's records to ``stream``, or standard error, and nowhere else."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PlainLines() if stream.isatty() else JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _message(record: logging.LogRecord) -> str:
    return _QUERY.sub("", record.getMessage())


def _extras(record: logging.LogRecord) -> dict[str, Any]:
    told = {key: value for key, value in record.__dict__.items() if key not in _OWN}
    return told | _error(record)


def _error(record: logging.LogRecord) -> dict[str, Any]:
    if not record.exc_info or record.exc_info[0] is None:
        return {}
    kind, _, trace = record.exc_info
    steps = traceback.extract_tb(trace)
    return {
        "error": kind.__qualname__,
        "where": [f"{step.filename}:{step.lineno} {step.name}" for step in steps],
    }


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _kind_of(value: object) -> str:
    return f"<{type(value).__name__}>"
