"""Totals of a fuzzing run, kept beside the other evidence when they are asked for (`make fuzz`)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from kit.testing.processes import ROOT

FILE = ROOT / "docs/evidence/fuzz.md"
WISH = "SFD_FUZZ_EVIDENCE"


def keep(title: str, cases: Mapping[str, int], statuses: Mapping[Any, int]) -> None:
    """Appends the totals of a run to the evidence, if that was wished; a run without cases is not kept."""
    if os.environ.get(WISH) != "1" or not cases:
        return
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    told = "  ".join(f"{status} {count}" for status, count in sorted(statuses.items(), key=lambda one: str(one[0])))
    text = (
        f"\n## {title}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit or 'unknown'}\n\n```\n"
        f"{len(cases)} operations, {sum(cases.values())} cases; fewest of one operation: {min(cases.values())}\n{told}\n"
        "no bug, no hang, no secret\n```\n"
    )
    with FILE.open("a", encoding="utf-8") as out:
        out.write(text)
