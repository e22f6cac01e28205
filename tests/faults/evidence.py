"""Rows of docs/evidence/paying.md, written by the runs themselves when `SFD_FAULT_EVIDENCE` names the file."""

from __future__ import annotations

import os
import random
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from kit.testing.processes import ROOT


def seed() -> int:
    """Returns the run's seed: `SFD_FAULT_SEED`, or one by chance; whoever uses it prints it."""
    chosen = os.environ.get("SFD_FAULT_SEED", "")
    return int(chosen) if chosen else random.SystemRandom().randrange(10**6)


def note(what: str, *, jobs: int, faults: int, lost: int, held: int, entries: str) -> None:
    """Appends one row, with the time and the commit; does nothing unless it is asked for."""
    where = os.environ.get("SFD_FAULT_EVIDENCE", "")
    if not where:
        return
    head = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    with Path(ROOT / where).open("a", encoding="utf-8") as book:
        book.write(f"| {when} | {head.stdout.strip()} | {what} | {jobs} | {faults} | {lost} | {held} | {entries} |\n")
