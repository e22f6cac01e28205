"""Live progress: a bar per stage on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from cli.demo_api import Record, Step

STAGES: dict[str, tuple[str, ...]] = {
    "writing": ("story.generate",),
    "portraits": ("imaging.portrait",),
    "cover": ("imaging.cover",),
    "scenes": ("story.scenes",),
    "storyboards": ("imaging.storyboard",),
    "clips": ("video.clip",),
    "episodes": ("video.assemble",),
}
PICTURES = ("imaging.portrait", "imaging.cover", "imaging.storyboard")
PLAIN_EVERY = 5.0


class Screen(Protocol):
    """What the demo tells while it waits."""

    def begin(self, phase: str) -> None:
        """A run begins: `creation` or `production`."""

    def show(self, record: Record) -> None:
        """A run stands like this now."""

    def note(self, text: str) -> None:
        """Says something once."""

    def finish(self) -> None:
        """Nothing follows."""


@contextmanager
def screen_for(stream: TextIO) -> Iterator[Screen]:
    """Yields bars on a terminal, plain lines without control codes elsewhere."""
    if not stream.isatty():
        yield Plain(stream)
        return
    bars = Bars(Console(file=stream))
    with bars.live:
        yield bars


def done_of(steps: list[Step]) -> float:
    """Returns how far a stage is, 0 to 1."""
    ended = ("succeeded", "failed", "cancelled")
    return sum(1.0 if s.state in ended else s.progress for s in steps) / len(steps) if steps else 0.0


def left(started: float, fraction: float, now: float) -> str:
    """Returns the time left by the pace so far; empty while there is none."""
    if fraction < 0.05 or fraction >= 1:
        return ""
    seconds = (now - started) * (1 - fraction) / fraction
    return f"about {int(seconds // 60)}:{int(seconds % 60):02d} left"


class _Tally:
    """What every screen counts: the first picture, the cost of all runs, notes that were made."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.first_picture = 0.0
        self._paid = 0.0
        self._cost = 0.0
        self.notes: set[str] = set()

    def next_run(self) -> None:
        self._paid += self._cost
        self._cost = 0.0

    def look(self, record: Record) -> float | None:
        """Counts a record; returns the seconds to the first picture when this is it."""
        self._cost = record.cost_usd
        if self.first_picture or not any(s.kind in PICTURES and s.state == "succeeded" for s in record.steps):
            return None
        self.first_picture = time.monotonic() - self.started
        return self.first_picture

    @property
    def cost(self) -> float:
        return self._paid + self._cost


class Bars:
    """Rich bars, one a stage."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._tally = _Tally()
        self._began = time.monotonic()
        self.live = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[count]:>7}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[said]}"),
            console=console,
            refresh_per_second=5,
        )
        self._tasks: dict[str, TaskID] = {}

    def begin(self, phase: str) -> None:
        """A run begins."""
        self._tally.next_run()
        self._began = time.monotonic()

    def show(self, record: Record) -> None:
        """Moves the bars."""
        first = self._tally.look(record)
        if first is not None:
            self._console.print(f"first picture after {first:.1f} s")
        now = time.monotonic()
        for stage, kinds in STAGES.items():
            steps = [s for s in record.steps if s.kind in kinds]
            if not steps:
                continue
            if stage not in self._tasks:
                self._tasks[stage] = self.live.add_task(stage, total=1.0, count="", said="")
            ended = sum(s.state in ("succeeded", "failed", "cancelled") for s in steps)
            fraction = done_of(steps)
            said = next((s.message for s in steps if s.state == "running" and s.message), "")
            self.live.update(
                self._tasks[stage],
                completed=fraction,
                count=f"{ended}/{len(steps)}",
                said=said[:40] or left(self._began, fraction, now),
            )
            if fraction >= 1:
                self.live.stop_task(self._tasks[stage])
        if "cost" not in self._tasks:
            self._tasks["cost"] = self.live.add_task("cost", total=None, count="", said="")
        whole = left(self._began, done_of(list(record.steps)), now)
        self.live.update(self._tasks["cost"], count=f"${self._tally.cost:.2f}", said=whole)

    def note(self, text: str) -> None:
        """Says something once, above the bars."""
        if text not in self._tally.notes:
            self._tally.notes.add(text)
            self._console.print(text, soft_wrap=True)

    def finish(self) -> None:
        """Stops the clock of what is left."""
        for task in self._tasks.values():
            self.live.stop_task(task)


class Plain:
    """Lines for logs: one when a stage's count changes, and a sign of life every few seconds."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._tally = _Tally()
        self._began = time.monotonic()
        self._told: dict[str, str] = {}
        self._last = 0.0

    def begin(self, phase: str) -> None:
        """A run begins."""
        self._tally.next_run()
        self._began = time.monotonic()
        self._say(f"{phase} begins")

    def show(self, record: Record) -> None:
        """Tells what has changed."""
        first = self._tally.look(record)
        if first is not None:
            self._say(f"first picture after {first:.1f} s")
        changed = False
        for stage, kinds in STAGES.items():
            steps = [s for s in record.steps if s.kind in kinds]
            text = f"{sum(s.state in ('succeeded', 'failed', 'cancelled') for s in steps)}/{len(steps)}"
            if steps and self._told.get(stage) != text:
                self._told[stage] = text
                self._say(f"{stage} {text}")
                changed = True
        now = time.monotonic()
        if changed or now - self._last > PLAIN_EVERY:
            self._last = now
            fraction = done_of(list(record.steps))
            self._say(f"{fraction:4.0%} done, ${self._tally.cost:.2f} {left(self._began, fraction, now)}".rstrip())

    def note(self, text: str) -> None:
        """Says something once."""
        if text not in self._tally.notes:
            self._tally.notes.add(text)
            self._say(text)

    def finish(self) -> None:
        """Says how long it took."""
        self._say(f"finished after {time.monotonic() - self._tally.started:.0f} s, ${self._tally.cost:.2f}")

    def _say(self, text: str) -> None:
        self._stream.write(f"[{time.monotonic() - self._tally.started:6.1f} s] {text}\n")
        self._stream.flush()
