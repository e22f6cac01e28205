"""What stands in front of a vendor adds to the client's wait: interleaved rounds, medians, and the ratio to LiteLLM's."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import replace

from bench.edge.hops import Asked
from bench.edge.load import Heard
from bench.edge.processes import heard
from bench.growth import table

ROUNDS = 3
CONNECTIONS = (1, 32)
ALONE, LITELLM = "vendor alone", "litellm"
GOAL = 0.2
HEAD = (
    *("connections", "what", "who", "p50, ms", "p99, ms", "added p50, ms", "added p99, ms"),
    *("answers/s", "bad", "every round: p50 p99, ms"),
)
Found = dict[tuple[int, str, str], list[Heard]]
"""What was heard by connections, route and who answered."""


async def compare(asked: Mapping[str, Asked], seconds: float) -> str:
    """Returns the table of whoever is asked, `ALONE` and `LITELLM` among them, and what the others add as a part of what LiteLLM adds."""
    found: Found = {}
    # One round before them all warms up.
    for connections, number in ((32, 0), *((many, number) for many in CONNECTIONS for number in range(1, ROUNDS + 1))):
        names = list(asked)
        turn = number % len(names)
        for who in names[turn:] + names[:turn]:
            for what, plan in asked[who].items():
                answer = await heard(replace(plan, connections=connections, seconds=seconds))
                if number:
                    found.setdefault((connections, what, who), []).append(answer)
                    print(f"{connections} round {number} {what} {who:12} p50 {answer.p50:.2f} ms", flush=True)
    return _told(found)


def _told(found: Found) -> str:
    def median(key: tuple[int, str, str], name: str) -> float:
        return float(statistics.median(getattr(one, name) for one in found[key]))

    def added(connections: int, what: str, who: str, name: str) -> float:
        return median((connections, what, who), name) - median((connections, what, ALONE), name)

    rows: list[list[object]] = []
    ratios: dict[str, list[str]] = {}
    for key, answers in sorted(found.items()):
        connections, what, who = key
        told = [f"{added(*key, name):.2f}" for name in ("p50", "p99")]
        if who not in (ALONE, LITELLM):
            for name in ("p50", "p99"):
                ratio = added(*key, name) / added(connections, what, LITELLM, name)
                ratios.setdefault(who, []).append(f"{connections} connections, {what}, {name}: {ratio:.2f}")
        rows.append(
            [
                *(connections, what, who, f"{median(key, 'p50'):.2f}", f"{median(key, 'p99'):.2f}"),
                *(told if who != ALONE else ("", "")),
                *(round(median(key, "rate")), sum(one.bad for one in answers)),
                ", ".join(f"{one.p50:.2f} {one.p99:.2f}" for one in answers),
            ]
        )
    lines = [
        f"Added by {who} / added by litellm (goal: at most {GOAL}): {'; '.join(one)}." for who, one in ratios.items()
    ]
    return "\n\n".join([table(HEAD, rows), *lines])
