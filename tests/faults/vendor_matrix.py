"""The 135 cases over the house's nine adapters, and what each must come to."""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from simulator.environment import environment
from tests.faults.floor import Floor, floor
from tests.faults.matrix import ACTIONS, POINTS, Case
from tests.faults.terms import Terms
from tests.faults.vendor_buyer import PRELOAD, fitted, run

MODELS = {
    "openai": ("sim-video-1",),
    "gemini": ("veo-3.1-fast", "veo-3.1-lite"),
    "runway": ("gen4.5", "veo3.1_fast"),
    "luma": ("ray-2",),
    "fal": ("veo3.1-fast", "seedance-2.0"),
    "replicate": ("bytedance/seedance-2.0-fast", "google/veo-3.1-fast"),
    "kling": ("kling-v3", "kling-3.0-turbo"),
    "minimax": ("MiniMax-H3", "MiniMax-Hailuo-02"),
    "seedance": ("seedance-2.0", "seedance-1.5-pro"),
}
"""Of each vendor the models that cases take in turn: of Kling and MiniMax one of each of their two protocols."""
VENDORS = tuple(MODELS)
FINDS = frozenset({"openai", "luma", "replicate", "kling", "seedance"})
"""Vendors whose adapters find a lost call again in a list or under our own id. Without callbacks the others cannot tell."""
_WORD = re.compile(r"[^\s:/]+")


@dataclass(frozen=True)
class VendorCase(Case):
    """One cell, with a real adapter."""

    @property
    def name(self) -> str:
        """How people call it."""
        return f"{self.point} {self.vendor}/{self.model} {self.action}"

    @property
    def waits(self) -> bool:
        """While the first has not sent it, a list shows nothing for a minute or two, and nobody is asked."""
        return self.point == "paid.after_submitting" and self.vendor in FINDS

    @property
    def outcome(self) -> tuple[str, int]:
        """What must come of it. No vendor takes a key that makes another try safe: what is not found waits for a person."""
        if self.action == "exit" and self.point == "paid.after_submitting":
            return "held", 0
        if self.action == "exit" and self.point in ("paid.bytes_sent", "paid.after_answer"):
            return ("succeeded" if self.vendor in FINDS else "held"), 1
        return "succeeded", 1


def every() -> list[VendorCase]:
    """All 135: five vendors at each of the 27 pairs of point and action.

    The five are every other one of nine, from a place that moves on by one with the point and by three with the action. So each vendor has
    five cases of each action, 15 in all, and each vendor meets each point.
    """
    cells = [
        (point, VENDORS[(p + 3 * a + 2 * n) % len(VENDORS)], action)
        for a, action in enumerate(ACTIONS)
        for p, point in enumerate(POINTS)
        for n in range(5)
    ]
    turns = dict.fromkeys(VENDORS, 0)
    cases = []
    for number, (point, vendor, action) in enumerate(cells):
        model = MODELS[vendor][turns[vendor] % len(MODELS[vendor])]
        turns[vendor] += 1
        cases.append(VendorCase(number, point, vendor, action, model))
    return cases


def few() -> list[VendorCase]:
    """Nine: each vendor once, each point but the one whose end takes minutes; exits alone."""
    taken: dict[str, VendorCase] = {}
    points: set[str] = set()
    for case in every():
        if case.action == "exit" and case.vendor not in taken and case.point not in (*points, "paid.after_submitting"):
            taken[case.vendor] = case
            points.add(case.point)
    for case in every():
        if case.action == "exit" and case.point != "paid.after_submitting":
            taken.setdefault(case.vendor, case)
    return list(taken.values())


def _price(vendor: str, model: str) -> int:
    return fitted(vendor, model, "A pier")[2]


def _names(kept: str, operation: str) -> bool:
    """Adapters keep more than the vendor's id, where that alone does not say where to ask."""
    return bool(operation) and (kept == operation or operation in _WORD.findall(kept))


def vendor_floor(folder: Path, video_seconds: float = 0.4) -> AbstractAsyncContextManager[Floor]:
    """Returns a floor whose buyers buy from the simulated nine with the house's adapters; a film takes `video_seconds`."""
    terms = Terms(price=_price, once=lambda vendor: True, names=_names)
    return floor(
        folder,
        video_seconds=video_seconds,
        body=run,
        preload=PRELOAD,
        terms=terms,
        env=lambda vendor: {**environment(vendor.url), "SFD_CATALOGUE": "", "SFD_VIDEO_SUBMIT_SECONDS": "300"},
    )
