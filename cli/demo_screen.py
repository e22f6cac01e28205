"""Live progress of a demo: a bar per stage on a terminal, plain lines elsewhere. Everything goes to standard error."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from cli.demo_api import Record
from cli.demo_tally import STAGES, Tally, clock

PLAIN_EVERY_S = 5.0


class Screen(Protocol):
    """What the demo tells while it waits."""

    tally: Tally

    def show(self, phase: str, record: Record) -> None:
        """The run of this phase (`creation` or `production`) stands like this now."""

    def note(self, text: str) -> None:
        """Says something, once however often it is told."""

    def finish(self) -> None:
        """Nothing follows."""


@contextmanager
def screen_for(stream: TextIO, episodes: int) -> Iterator[Screen]:
    """Yields bars on a terminal that can move them, plain lines without control codes elsewhere."""
    tally = Tally(episodes)
    if not stream.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        yield Plain(stream, tally)
        return
    bars = Bars(Console(file=stream), tally)
    with bars.live:
        yield bars


class Bars:
    """Rich bars, one a stage, and a line for the whole."""

    def __init__(self, console: Console, tally: Tally) -> None:
        self.tally = tally
        self._console = console
        self.live = Progress(
            TextColumn("{task.description:<11}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[count]:>6}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[said]}", markup=False),
            console=console,
            refresh_per_second=5,
        )
        self._tasks: dict[str, TaskID] = {
            stage: self.live.add_task(stage, total=1.0, start=False, count="", said="") for stage in STAGES
        }
        self._whole = self.live.add_task("in all", total=1.0, count="", said="")

    def show(self, phase: str, record: Record) -> None:
        """Moves the bars."""
        for text in self.tally.look(phase, record):
            self._console.print(escape(text), highlight=False)
        for stage, task in self._tasks.items():
            found = self.tally.stage(stage)
            if found.begun:
                self.live.start_task(task)
            self.live.update(task, completed=found.fraction, count=found.count, said=found.said)
            if found.over:
                self.live.stop_task(task)
        left = self.tally.left()
        told = f"${self.tally.cost:.2f}" + (f", about {clock(left)} left" if left is not None else "")
        self.live.update(self._whole, completed=self.tally.fraction, said=told)

    def note(self, text: str) -> None:
        """Says something once, above the bars."""
        if self.tally.is_new(text):
            self._console.print(escape(text), soft_wrap=True, highlight=False)

    def finish(self) -> None:
        """Stops the clocks."""
        for task in (*self._tasks.values(), self._whole):
            self.live.stop_task(task)


class Plain:
    """Lines for logs: one when a stage's count changes, and a sign of life every few seconds."""

    def __init__(self, stream: TextIO, tally: Tally, now: Callable[[], float] = time.monotonic) -> None:
        self.tally = tally
        self._stream = stream
        self._now = now
        self._told: dict[str, str] = {}
        self._last = now()

    def show(self, phase: str, record: Record) -> None:
        """Tells what has changed."""
        for text in self.tally.look(phase, record):
            self._say(text)
        for stage in STAGES:
            found = self.tally.stage(stage)
            if found.begun and self._told.get(stage) != found.count:
                self._told[stage] = found.count
                self._say(f"{stage:<11} {found.count}")
        if self._now() - self._last >= PLAIN_EVERY_S:
            left = self.tally.left()
            rest = f", about {clock(left)} left" if left is not None else ""
            self._say(f"{self.tally.fraction:.0%} done, ${self.tally.cost:.2f}{rest}")

    def note(self, text: str) -> None:
        """Says something once."""
        if self.tally.is_new(text):
            self._say(text)

    def finish(self) -> None:
        """Says how long it took and what it cost."""
        self._say(f"finished, ${self.tally.cost:.2f}")

    def _say(self, text: str) -> None:
        self._last = self._now()
        plain = "".join(c if c.isprintable() else " " for c in text)
        self._stream.write(f"[{clock(self.tally.elapsed())}] {plain}\n")
        self._stream.flush()
