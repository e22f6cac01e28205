"""Log lines: in order, masked, together where a loop runs, at once where waiting could lose them."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import Callable, Iterator

import pytest
import structlog

from kit.lines import Lines
from kit.log import configure_logging


def written(stream: io.StringIO) -> list[str]:
    return [str(json.loads(line)["event"]) for line in stream.getvalue().splitlines()]


Configure = Callable[[float], io.StringIO]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Configure]:
    before = structlog.get_config()

    def done(together: float) -> io.StringIO:
        made = io.StringIO()
        monkeypatch.setattr(sys, "stderr", made)
        configure_logging("unit", together=together)
        return made

    yield done
    structlog.configure(**before)


async def test_lines_of_a_loop_are_written_together(configure: Configure) -> None:
    stream = configure(0.02)
    log = structlog.get_logger("unit")
    log.info("first")
    log.info("second")
    assert written(stream) == []
    await asyncio.sleep(0.1)
    assert written(stream) == ["first", "second"]
    log.info("third")
    await asyncio.sleep(0.1)
    assert written(stream) == ["first", "second", "third"]


async def test_a_warning_is_written_at_once_and_all_before_it(configure: Configure) -> None:
    stream = configure(60.0)
    log = structlog.get_logger("unit")
    log.info("before")
    log.warning("bad")
    assert written(stream) == ["before", "bad"]
    log.info("waits")
    try:
        raise ValueError("Bearer abcdefghijklmnop")
    except ValueError:
        log.exception("worse")
    assert written(stream) == ["before", "bad", "waits", "worse"]
    assert "abcdefghijklmnop" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()


def test_without_a_loop_nothing_waits(configure: Configure) -> None:
    stream = configure(60.0)
    structlog.get_logger("unit").info("now", api_key="x", text="sk-0123456789abcdef")
    (line,) = [json.loads(one) for one in stream.getvalue().splitlines()]
    assert (line["event"], line["service"], line["level"]) == ("now", "unit", "info")
    assert (line["api_key"], line["text"]) == ("[redacted]", "[redacted]")
    assert line["timestamp"].endswith("Z")


async def test_many_lines_do_not_wait_for_the_clock() -> None:
    stream = io.StringIO()
    lines = Lines(stream, lambda event: json.dumps(dict(event)), 60.0)
    for number in range(1500):
        lines.info({"event": str(number)})
    first = written(stream)
    assert len(first) >= 1000
    lines.flush()
    assert written(stream) == [str(number) for number in range(1500)]


class Sealed:
    """An object with something inside that it does not show."""

    def __init__(self) -> None:
        self.inside = "do not show"

    def __repr__(self) -> str:
        return "<sealed>"


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"n": 1, "x": 1.5, "yes": True, "none": None, "word": "väl\n"}, None),
        ({"thing": Sealed(), "n": 1}, {"thing": "<sealed>", "n": 1}),
        ({"inner": {"a": [1, "b"]}}, None),
        ({"api_key": "abc", "text": "key sk-abcdefghijkl"}, {"api_key": "[redacted]", "text": "key [redacted]"}),
    ],
)
def test_a_line_shows_what_it_was_given(
    configure: Configure, told: dict[str, object], shown: dict[str, object] | None
) -> None:
    stream = configure(0.0)
    structlog.get_logger("lines").info("said", **told)
    (line,) = stream.getvalue().splitlines()
    assert "do not show" not in line
    found = json.loads(line)
    assert {name: found[name] for name in told} == (shown or told)


def test_what_json_does_not_know_is_written_all_the_same(configure: Configure) -> None:
    stream = configure(0.0)
    structlog.get_logger("lines").info("said", x=float("inf"), word="\ud800")
    assert "Infinity" in stream.getvalue()
