"""What clients saw, and what came of it: every operation is ok, fail (certainly did not happen) or unknown."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OK, FAIL, UNKNOWN = "ok", "fail", "unknown"


@dataclass
class History:
    """Operations by their number."""

    outcomes: dict[int, str] = field(default_factory=dict)

    def begin(self) -> int:
        """Returns a new operation; until it is noted, nobody knows what became of it."""
        number = len(self.outcomes)
        self.outcomes[number] = UNKNOWN
        return number

    def note(self, number: int, outcome: str) -> None:
        """Notes how an operation ended for its caller."""
        self.outcomes[number] = outcome

    def all(self, outcome: str) -> set[int]:
        """Returns the operations that ended so."""
        return {number for number, found in self.outcomes.items() if found == outcome}


class Tally:
    """One run's seed and counts. They are printed, and appended to docs/evidence/faults.md when a make target asks for it."""

    def __init__(self, test: str) -> None:
        self.test = test
        self.seed = int(os.environ.get("SFD_FAULT_SEED") or random.SystemRandom().randrange(1_000_000))
        self.random = random.Random(self.seed)
        self.counts: Counter[str] = Counter()
        self._started = time.monotonic()
        print(f"{test}: seed {self.seed} (SFD_FAULT_SEED={self.seed} repeats it)")

    def count(self, **counts: int) -> None:
        """Adds to the counts."""
        self.counts.update(counts)

    def tell(self) -> None:
        """Prints the counts, and appends them to the evidence when that was asked for."""
        seconds = time.monotonic() - self._started
        text = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in self.counts.items())
        print(f"{self.test}: seed {self.seed}, {seconds:.0f} s: {text}")
        target = os.environ.get("SFD_FAULT_EVIDENCE")
        if target:
            now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
            with (ROOT / target).open("a", encoding="utf-8") as page:
                page.write(f"| {now} | {_commit()} | `{self.test}` | {self.seed} | {seconds:.0f} | {text} |\n")


def _commit() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    changed = ["git", "status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs/evidence"]
    name = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    dirty = subprocess.run(changed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    return f"{name}{' with changes' if dirty else ''}"
