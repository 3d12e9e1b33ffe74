"""Logs: one line a record that a program reads, and nothing in it that a person typed."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import logs

MARKER = "Оксана Петренко"
log = logging.getLogger("tests.logs")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


@pytest.fixture
def journal() -> io.StringIO:
    stream = io.StringIO()
    logs.configure(stream)
    return stream


def test_a_record_is_one_json_object_on_one_line(journal: io.StringIO) -> None:
    log.warning("the link is %s\nagain", "down", extra={"waiting": 7, "lane": "people"})
    [line] = journal.getvalue().splitlines()
    told = json.loads(line)
    assert told.pop("time").endswith("+00:00")
    assert told == {
        "level": "warning",
        "logger": "tests.logs",
        "message": "the link is down\nagain",
        "waiting": 7,
        "lane": "people",
    }


@given(st.text())
def test_whatever_is_said_stays_one_line_that_can_be_read(said: str) -> None:
    record = logging.makeLogRecord({"msg": "%s", "args": (said,), "name": "n"})
    [line] = (logs.JsonLines().format(record) + "\n").splitlines()
    assert json.loads(line)["logger"] == "n"
    assert len((logs.PlainLines().format(record) + "\n").splitlines()) == 1


def test_an_exception_tells_its_type_and_place_but_not_its_words(journal: io.StringIO) -> None:
    try:
        int(MARKER)
    except ValueError:
        log.exception("a page failed")
    assert "invalid literal" not in journal.getvalue()
    told = json.loads(journal.getvalue())
    assert told["error"] == "ValueError"
    assert "test_logs.py" in told["where"][-1]


def test_what_was_searched_for_is_not_kept(journal: io.StringIO) -> None:
    logging.getLogger("werkzeug").warning('"GET /households?q=%s HTTP/1.1" 200', "Petrenko")
    assert json.loads(journal.getvalue())["message"] == '"GET /households HTTP/1.1" 200'


def test_a_line_for_each_request_or_job_is_not_written(journal: io.StringIO) -> None:
    logging.getLogger("werkzeug").info("GET /households/7")
    logging.getLogger("apscheduler.executors.default").info("job done")
    assert journal.getvalue() == ""


def test_bytes_are_named_and_not_shown(journal: io.StringIO) -> None:
    log.info("read", extra={"frame": b"secret"})
    assert json.loads(journal.getvalue())["frame"] == "<bytes>"


def test_a_person_at_the_terminal_reads_plain_lines() -> None:
    terminal = Terminal()
    logs.configure(terminal)
    log.info("the link is up", extra={"waiting": 7})
    assert terminal.getvalue()[8:] == " info    tests.logs: the link is up waiting=7\n"


def test_to_start_again_does_not_say_everything_twice(journal: io.StringIO) -> None:
    logs.configure(journal)
    log.info("once")
    assert len(journal.getvalue().splitlines()) == 1
