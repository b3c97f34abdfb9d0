"""Log lines are JSON objects, carry the request's id, and say nothing about people but their number."""

import io
import json
import logging

import pytest
import structlog

from config import logs


@pytest.fixture
def lines(monkeypatch):
    """What is logged as JSON, as objects; the suite's own logging comes back afterwards."""
    stream = io.StringIO()
    kept = (logging.root.handlers[:], logging.root.level)
    monkeypatch.setattr("sys.stdout", stream)
    logs.configure(level="INFO", style="json")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logging.root.handlers[:], logging.root.level = kept[0], kept[1]


def test_our_lines_and_those_of_libraries_are_objects(lines):
    structlog.get_logger("ours").info("claim_approved", claim=7)
    logging.getLogger("theirs").warning("slow query: %s ms", 12)
    ours, theirs = lines()
    assert (ours["event"], ours["claim"], ours["level"], ours["logger"]) == ("claim_approved", 7, "info", "ours")
    assert (theirs["event"], theirs["level"]) == ("slow query: 12 ms", "warning")
    assert ours["timestamp"].endswith("Z")


def test_the_request_s_id_is_in_every_line(lines):
    with structlog.contextvars.bound_contextvars(request_id="abc12345"):
        logging.getLogger("theirs").warning("something")
    assert lines()[0]["request_id"] == "abc12345"


def test_personal_data_is_struck_out(lines):
    log = structlog.get_logger("ours")
    log.warning("mail to olive@example.org failed", email="olive@example.org", details={"name": "Olive", "tries": ["ann@example.org", 2]})
    logging.getLogger("theirs").error("Invalid HTTP_HOST header for %s", "ann.other+tag@mail.example.org")
    told = json.dumps(lines())
    for word in ("olive", "Olive", "ann", "tag@"):
        assert word not in told
    assert lines()[0]["details"] == {"name": logs.STRUCK, "tries": [logs.STRUCK, 2]}


def test_an_address_in_a_traceback_is_struck_out_too(lines):
    try:
        raise ValueError("no such person: ann@example.org")
    except ValueError:
        logging.getLogger("theirs").exception("failed")
    (line,) = lines()
    assert "ValueError" in line["exception"]
    assert "ann@example.org" not in line["exception"]


def test_below_the_level_nothing_is_said(lines):
    structlog.get_logger("ours").debug("detail")
    logging.getLogger("theirs").debug("detail")
    assert lines() == []
