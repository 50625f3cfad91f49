from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING

import pytest
import structlog

from registry.logs import configure
from registry.settings import LogFormat, LogLevel

if TYPE_CHECKING:
    from collections.abc import Iterator


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Leave the logging of the test run as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configuration = structlog.get_config()
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**configuration)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_the_request_id() -> None:
    stream = io.StringIO()
    configure(LogLevel.INFO, LogFormat.JSON, stream)
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        structlog.get_logger().info("served", status=200)
    (line,) = lines(stream)
    assert line.pop("timestamp")
    assert line == {"event": "served", "status": 200, "level": "info", "request_id": "r-1"}


@pytest.mark.parametrize("value", ["\u00e9\u9b3c", "half \ud83d", 2**70, -(2**70)])
def test_any_value_goes_into_a_line_of_ascii(value: object) -> None:
    stream = io.StringIO()
    configure(LogLevel.INFO, LogFormat.JSON, stream)
    structlog.get_logger().info("served", value=value)
    (line,) = lines(stream)
    assert line["value"] == value
    assert stream.getvalue().isascii()


def test_a_library_writes_the_same_lines() -> None:
    stream = io.StringIO()
    configure(LogLevel.INFO, LogFormat.JSON, stream)
    logging.getLogger("uvicorn.error").error("%s broke", "it")
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("it broke", "error", "uvicorn.error")


def test_what_libraries_narrate_is_left_out() -> None:
    stream = io.StringIO()
    configure(LogLevel.INFO, LogFormat.JSON, stream)
    logging.getLogger("uvicorn.error").info("Started server process")
    logging.getLogger("alembic.runtime.migration").info("Context impl")
    assert lines(stream) == []


def test_lines_below_the_level_are_left_out() -> None:
    stream = io.StringIO()
    configure(LogLevel.WARNING, LogFormat.JSON, stream)
    structlog.get_logger().info("served")
    structlog.get_logger().warning("slow")
    assert [line["event"] for line in lines(stream)] == ["slow"]


def test_an_exception_stays_on_its_line() -> None:
    stream = io.StringIO()
    configure(LogLevel.INFO, LogFormat.JSON, stream)
    try:
        1 / 0  # noqa: B018 - raises
    except ZeroDivisionError:
        structlog.get_logger().exception("failed")
    (line,) = lines(stream)
    assert "ZeroDivisionError" in str(line["exception"])


def test_whatever_is_logged_can_be_written() -> None:
    stream = io.StringIO()
    configure(LogLevel.INFO, LogFormat.JSON, stream)
    structlog.get_logger().info("odd", big=2**70, lone="\ud800", thing=object(), raw=b"\xff")
    (line,) = lines(stream)
    assert line["big"] == 2**70


@pytest.mark.parametrize(
    ("log_format", "stream", "is_json"),
    [
        (LogFormat.AUTO, io.StringIO(), True),
        (LogFormat.AUTO, Terminal(), False),
        (LogFormat.CONSOLE, io.StringIO(), False),
        (LogFormat.JSON, Terminal(), True),
    ],
    ids=["auto to a file", "auto to a terminal", "console to a file", "json to a terminal"],
)
def test_a_terminal_gets_lines_for_people(
    log_format: LogFormat, stream: io.StringIO, is_json: bool
) -> None:
    configure(LogLevel.INFO, log_format, stream)
    structlog.get_logger().info("served")
    assert stream.getvalue().startswith("{") is is_json
