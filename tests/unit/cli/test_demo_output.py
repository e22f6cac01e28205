"""What the demo prints while it waits, and what it adds up to."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from cli.demo_api import Record, Step, failures
from cli.demo_screen import Bars, Plain, screen_for
from cli.demo_tally import STAGES, Tally, clock

PATTERN = re.compile(r"\[\d+:\d\d\] [ -~]+")


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def creation(portraits: int, done: int, *, cost: float = 0.0) -> Record:
    steps = [Step("generate", "story.generate", "succeeded")]
    for number in range(portraits):
        state = "succeeded" if number < done else "running" if number == done else "queued"
        steps.append(Step(f"portrait:c{number}", "imaging.portrait", state, 0.5 if number == done else 0.0, "Drawing."))
    return Record("running", cost, tuple(steps))


def production(scenes: int, clips_done: int) -> Record:
    steps = [Step("scenes:ep01", "story.scenes", "succeeded")]
    steps += [Step(f"storyboard:s{n}", "imaging.storyboard", "succeeded") for n in range(scenes)]
    steps += [
        Step(f"clip:s{n}", "video.clip", "succeeded" if n < clips_done else "queued", float(n < clips_done))
        for n in range(scenes)
    ]
    return Record("running", 1.25, (*steps, Step("assemble:ep01", "video.assemble", "queued")))


def test_plain_lines_tell_each_change_once_and_have_no_control_codes() -> None:
    out, time = io.StringIO(), Time()
    plain = Plain(out, Tally(1, time), time)
    for done in (0, 0, 1, 1, 3):
        time.now += 1
        plain.show("creation", creation(3, done))
    plain.note("a \x1b[31mred\x1b[0m\nnote")
    plain.note("a \x1b[31mred\x1b[0m\nnote")
    plain.finish()
    lines = out.getvalue().splitlines()
    assert all(PATTERN.fullmatch(line) for line in lines), lines
    told = [line.split("] ")[1] for line in lines]
    assert [line for line in told if line.startswith("portraits")] == [f"portraits   {n}/3" for n in (0, 1, 3)]
    assert told.count("first picture after 3.0 s") == 1
    assert sum("note" in line for line in told) == 1


def test_plain_lines_show_that_it_lives_when_nothing_changes() -> None:
    out, time = io.StringIO(), Time()
    plain = Plain(out, Tally(1, time), time)
    plain.show("creation", creation(9, 6))
    before = out.getvalue()
    time.now += 4.9
    plain.show("creation", creation(9, 6))
    assert out.getvalue() == before
    time.now += 0.2
    plain.show("creation", creation(9, 6))
    assert re.search(r"\d+% done, \$0\.00, about \d+:\d\d left\n$", out.getvalue())


def test_a_terminal_gets_a_bar_for_every_stage() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    bars = Bars(console, Tally(1))
    with bars.live:
        bars.show("creation", creation(3, 3))
        bars.show("production", production(4, 2))
        bars.note("[bold]no markup[/bold]")
        bars.finish()
        text = "".join(part.text for part in console.render(bars.live.get_renderable()))
    assert all(stage in text for stage in STAGES)
    assert "2/4" in text
    assert "$1.25" in text
    out = console.file
    assert isinstance(out, io.StringIO)
    assert "[bold]no markup[/bold]" in out.getvalue()


def test_without_a_terminal_or_with_a_dumb_one_lines_are_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    with screen_for(io.StringIO(), 1) as screen:
        assert isinstance(screen, Plain)
    with screen_for(Terminal(), 1) as screen:
        assert isinstance(screen, Bars)
    monkeypatch.setenv("TERM", "dumb")
    with screen_for(Terminal(), 1) as screen:
        assert isinstance(screen, Plain)


def test_the_whole_grows_from_nothing_to_everything() -> None:
    time = Time()
    tally = Tally(1, time)
    seen = [tally.fraction]
    assert tally.left() is None
    tally.look("creation", creation(5, 5))
    seen.append(tally.fraction)
    for clips in range(5):
        time.now += 10
        tally.look("production", production(4, clips))
        seen.append(tally.fraction)
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert seen[-1] < 1
    left = tally.left()
    assert left is not None
    assert 1 < left < 50
    last = Step("assemble:ep01", "video.assemble", "succeeded")
    cover = Step("cover", "imaging.cover", "succeeded")
    tally.look("production", Record("succeeded", 1.25, (last, cover)))
    assert tally.fraction == pytest.approx(1)
    assert tally.left() is None


def test_costs_of_both_runs_are_added() -> None:
    tally = Tally(1)
    tally.look("creation", creation(1, 1, cost=0.5))
    tally.look("creation", creation(1, 1, cost=0.75))
    tally.look("production", production(1, 0))
    assert tally.cost == pytest.approx(2.0)


def test_failures_tell_causes_first_and_forgive_what_a_later_run_made_good() -> None:
    first = Record("succeeded", 0, (Step("portrait:a", "imaging.portrait", "failed", error="refused"),))
    board = Step("storyboard:1", "imaging.storyboard", "failed", error="too dark")
    clip = Step("clip:1", "video.clip", "cancelled", error="upstream_failed")
    again = Step("portrait:a", "imaging.portrait", "succeeded")
    assert failures([first]) == ["portrait:a: refused"]
    assert failures([first, Record("failed", 0, (clip, board, again), "2/3")]) == [
        "storyboard:1: too dark",
        "clip:1: upstream_failed",
    ]
    assert failures([Record("cancelled", error="cancelled")]) == ["cancelled"]
    assert failures([Record("succeeded")]) == []


@pytest.mark.parametrize(("seconds", "told"), [(0, "0:00"), (59.6, "1:00"), (65, "1:05"), (3600, "60:00")])
def test_clock(seconds: float, told: str) -> None:
    assert clock(seconds) == told
