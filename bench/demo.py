"""`make bench-demo`: one warm demo with one episode, where its time goes, and how much of it is our own.

Work is a span that a model, an encoder or a vendor is really busy in: for the house's own makers those that the working processes write,
not those of the services around them, which also hold the waiting for a free process and its start. Wall is from the POST of the premise
to the end of the last run as a client of the REST API sees it. Own overhead = 1 - (time with at least one span of work) / wall.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

WORK = ("model.", "encoder.", "vendor.")
# Opened by a service around the handing-over to a process and back; the work inside has spans of its own.
AROUND = ("model.paint", "model.film", "encoder.assemble")
GOAL = 0.05
EVIDENCE = Path("docs/evidence/bench-demo.md")
Stretch = tuple[float, float]


def union(stretches: Iterable[Stretch]) -> float:
    """Returns the seconds in which at least one of the stretches is open."""
    total, end = 0.0, float("-inf")
    for start, stop in sorted(stretches):
        total += max(0.0, stop - max(start, end))
        end = max(end, stop)
    return total


def gaps(stretches: Iterable[Stretch], start: float, stop: float) -> list[Stretch]:
    """Returns the parts between `start` and `stop` in which nothing is open, longest first."""
    found, end = [], start
    for begin, finish in sorted(stretches):
        if begin > end:
            found.append((end, min(begin, stop)))
        end = max(end, finish)
    if stop > end:
        found.append((end, stop))
    return sorted(found, key=lambda gap: gap[0] - gap[1])


def is_work(span: dict[str, Any]) -> bool:
    """True for a span in which a model, an encoder or a vendor is busy."""
    name = str(span["name"])
    # A paid text is written inside the vendor's own spans; the span around them also holds the waiting.
    paid = name == "model.write" and span["attributes"].get("writer") != "local"
    return name.startswith(WORK) and name not in AROUND and not paid


def account(spans: list[dict[str, Any]]) -> tuple[list[str], float]:
    """Returns the account of a demo's spans as lines, and the own overhead (0 to 1). Raises StopIteration without a whole demo."""
    whole = next(s for s in spans if s["name"] == "demo.drama")
    start, stop = whole["start"], whole["end"]
    busy = [(max(s["start"], start), min(s["end"], stop)) for s in spans if is_work(s)]
    stages: dict[str, list[Stretch]] = defaultdict(list)
    for one in spans:
        if one["name"].startswith("job."):
            stages[one["name"].removeprefix("job.")].append((one["start"], one["end"]))
    lines = [
        f"{name:20} {len(found):2} jobs, open {union(found):5.1f} s, from {min(a for a, _ in found) - start:5.1f} s "
        f"to {max(b for _, b in found) - start:5.1f} s"
        for name, found in sorted(stages.items(), key=lambda item: min(item[1]))
    ]
    wall, worked = stop - start, union(busy)
    first = min((s["end"] for s in spans if s["name"].startswith("model.paint.")), default=stop)
    overhead = 1 - worked / wall
    lines += [
        f"first picture drawn {first - start:.1f} s after the POST",
        f"wall {wall:.2f} s, model/encoder/vendor busy {worked:.2f} s, own overhead {wall - worked:.2f} s = {overhead:.1%} "
        f"(goal: at most {GOAL:.0%})",
        "longest gaps: " + ", ".join(f"{b - a:.2f} s at {a - start:.1f} s" for a, b in gaps(busy, start, stop)[:6]),
    ]
    return lines, overhead


def main() -> int:
    """Runs the demo once, prints the account of its time and appends it to the evidence; returns 0 when the goal is met."""
    folder = Path(".sfd/bench").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    trace = folder / "demo-trace.jsonl"
    trace.unlink(missing_ok=True)
    done = subprocess.run(
        [str(Path(sys.executable).parent / "sfd"), "demo", "--name", "bench-demo"],
        env={**_own_makers(), "SFD_TRACE_FILE": str(trace)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        return done.returncode
    spans = [json.loads(line) for line in trace.read_text(encoding="utf-8").splitlines()]
    lines, overhead = account(spans)
    drama = json.loads(Path(done.stdout.splitlines()[0]).read_text(encoding="utf-8"))
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], check=False, capture_output=True, text=True
    ).stdout.strip()
    told = f"seed {drama['metadata']['seed']}, {os.cpu_count()} cores, load of the last 15 minutes {os.getloadavg()[2]:.1f}"
    print("\n".join([told, *lines]))
    EVIDENCE.parent.mkdir(parents=True, exist_ok=True)
    with EVIDENCE.open("a", encoding="utf-8") as out:
        out.write(f"\n## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit}\n\n```\n")
        out.write("\n".join([told, *lines]) + "\n```\n")
    return 0 if overhead <= GOAL else 1


def _own_makers() -> dict[str, str]:
    """Returns the environment without wishes for another demo."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SFD_DEMO_")}


if __name__ == "__main__":
    sys.exit(main())
