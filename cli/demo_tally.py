"""What a demo's progress adds up to: stages, the whole, the time left, the cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from cli.demo_api import Record, Step

STAGES: dict[str, tuple[str, ...]] = {
    "writing": ("story.generate",),
    "portraits": ("imaging.portrait",),
    "cover": ("imaging.cover",),
    "scenes": ("story.scenes",),
    "storyboards": ("imaging.storyboard",),
    "clips": ("video.clip",),
    "episode": ("video.assemble",),
}
PICTURES = ("imaging.portrait", "imaging.cover", "imaging.storyboard")
# Seconds that one job of each stage took on two cores when this was written: weights, so only their proportions matter.
_WEIGHTS = {"writing": 0.2, "portraits": 1.6, "cover": 1.8, "scenes": 0.1, "storyboards": 2, "clips": 11, "episode": 8}
_USUAL_CAST, _USUAL_SCENES = 5, 5
_ENOUGH = 0.04  # below this share of the work a pace says nothing


@dataclass(frozen=True)
class Stage:
    """Where a stage stands: `count` is `ended/total`, `said` what a running job of it says."""

    count: str = ""
    fraction: float = 0.0
    said: str = ""
    begun: bool = False
    over: bool = False


class Tally:
    """Counts the records of all runs of one demo. Steps of a later run stand for those of an earlier one with their name."""

    def __init__(self, episodes: int, now: Callable[[], float] = time.monotonic) -> None:
        self._episodes = episodes
        self._now = now
        self._started = now()
        self._steps: dict[str, Step] = {}
        self._costs: dict[str, float] = {}
        self._notes: set[str] = set()
        self.first_picture: float | None = None

    def look(self, phase: str, record: Record) -> list[str]:
        """Takes in a run's record; returns what is worth a line of its own."""
        self._costs[phase] = record.cost_usd
        self._steps.update((step.step, step) for step in record.steps)
        seen = any(s.kind in PICTURES and s.state == "succeeded" for s in record.steps)
        if self.first_picture is not None or not seen:
            return []
        self.first_picture = self.elapsed()
        return [f"first picture after {self.first_picture:.1f} s"]

    def is_new(self, text: str) -> bool:
        """Returns True the first time it sees a text."""
        new = text not in self._notes
        self._notes.add(text)
        return new

    def elapsed(self) -> float:
        """Seconds since the start."""
        return self._now() - self._started

    @property
    def cost(self) -> float:
        """USD of all runs so far."""
        return sum(self._costs.values())

    def stage(self, name: str) -> Stage:
        """Returns where a stage stands."""
        steps = self._of(name)
        if not steps:
            return Stage()
        ended = sum(s.ended for s in steps)
        said = next((s.message for s in steps if s.state == "running" and s.message), "")
        # Writing the scenes adds their pictures and films: until then a stage may still grow.
        over = ended == len(steps) and not (name in ("storyboards", "clips", "episode") and self._unwritten())
        begun = any(s.ended or s.state == "running" for s in steps)
        return Stage(f"{ended}/{len(steps)}", _done(steps) / len(steps), said[:40], begun, over)

    @property
    def fraction(self) -> float:
        """How much of the whole work is done, 0 to 1, with a guess at what is not known yet."""
        total = sum(_WEIGHTS[name] * self._expected(name) for name in STAGES)
        done = sum(_WEIGHTS[name] * _done(self._of(name)) for name in STAGES)
        return min(1.0, done / total)

    def left(self) -> float | None:
        """Seconds left at the pace so far; None while there is no pace, and at the end."""
        fraction = self.fraction
        return self.elapsed() * (1 - fraction) / fraction if _ENOUGH < fraction < 1 else None

    def _of(self, name: str) -> list[Step]:
        return [step for step in self._steps.values() if step.kind in STAGES[name]]

    def _unwritten(self) -> bool:
        scenes = self._of("scenes")
        return not scenes or not all(step.ended for step in scenes)

    def _expected(self, name: str) -> int:
        known = len(self._of(name))
        if name in ("storyboards", "clips"):
            return max(known, self._episodes * _USUAL_SCENES) if self._unwritten() else known
        if name == "portraits":
            return known or _USUAL_CAST
        return max(known, 1 if name in ("writing", "cover") else self._episodes)


def _done(steps: list[Step]) -> float:
    return sum(1.0 if s.ended else s.progress for s in steps)


def clock(seconds: float) -> str:
    """Returns minutes and seconds, such as `1:05`."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
