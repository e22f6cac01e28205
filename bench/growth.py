"""What the growth benches share: timing calls one after another, tables, and where their evidence goes."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

Call = Callable[[], Awaitable[object]]


async def median_ms(call: Call, times: int) -> float:
    """Returns the median milliseconds of a call that is made `times` times, after one that is not counted."""
    await call()
    taken: list[float] = []
    for _ in range(times):
        started = time.perf_counter()
        await call()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def percentile(values: Sequence[float], share: float) -> float:
    """Returns the value below which `share` of at least two values lie."""
    return statistics.quantiles(values, n=100)[round(share * 100) - 1]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Returns a Markdown table; numbers are shown with one digit."""
    shown = [[f"{cell:.1f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in shown)])


def record(name: str, text: str) -> None:
    """Appends a run's result to its page of evidence and prints it."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], check=False, capture_output=True, text=True
    ).stdout.strip()
    page = Path(f"docs/evidence/{name}.md")
    page.parent.mkdir(parents=True, exist_ok=True)
    if not page.exists():
        page.write_text(f"# `python -m bench {name.removeprefix('bench-')}`\n", encoding="utf-8")
    with page.open("a", encoding="utf-8") as out:
        out.write(f"\n## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit}\n\n{text}\n")
    print(text, flush=True)
