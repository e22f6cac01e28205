"""The order of a graph, and its longest path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kit.errors import InvalidInput
from services.story.plan_step import Step

CYCLE = "Cycle detected in dependency graph"


def in_order(steps: Sequence[Step]) -> list[Step]:
    """Returns the steps with parents before children, otherwise as given; raises `InvalidInput` for a circle."""
    by_step = {step.job.step: step for step in steps}
    order = order_of({name: [p for p in step.parents if p in by_step] for name, step in by_step.items()})
    return [by_step[name] for name in order]


def order_of(parents: Mapping[str, Sequence[str]]) -> list[str]:
    """Returns the names level by level (Kahn 1962); raises `InvalidInput` when some can never start."""
    waiting = {name: len(set(above)) for name, above in parents.items()}
    children: dict[str, list[str]] = {}
    for name, above in parents.items():
        for parent in dict.fromkeys(above):
            children.setdefault(parent, []).append(name)
    order: list[str] = []
    level = [name for name, count in waiting.items() if not count]
    while level:
        order += level
        following: list[str] = []
        for name in level:
            for child in children.get(name, ()):
                waiting[child] -= 1
                if not waiting[child]:
                    following.append(child)
        level = following
    if len(order) < len(parents):
        raise InvalidInput(CYCLE, reason="cycle", field="depends_on")
    return order


def longest_path(seconds: Mapping[str, float], parents: Mapping[str, Sequence[str]]) -> float:
    """Returns the length of the longest chain of steps, in seconds; parents that are no steps take no time. Raises as `order_of`."""
    known = {name: [p for p in parents.get(name, ()) if p in seconds] for name in seconds}
    ends: dict[str, float] = {}
    for name in order_of(known):
        ends[name] = seconds[name] + max((ends[p] for p in known[name]), default=0.0)
    return max(ends.values(), default=0.0)
