"""Twelve ways in which a vendor misbehaves x five kinds of vendors, all at once in one house; the ledger is the referee."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.behaviours import CELLS
from tests.faults.evidence import note
from tests.faults.floor import floor, settled
from tests.faults.verdicts import judge

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
KIND = "test.buy"


async def test_a_misbehaving_vendor_is_paid_once(tmp_path: Path) -> None:
    async with floor(tmp_path) as on:
        jobs = {}
        for number, (behaviour, vendor) in enumerate(CELLS):
            prompt = f"Cell {number:03}: {behaviour.name}"
            match = {"vendor": vendor, "prompt_contains": f"Cell {number:03}:", **behaviour.match}
            on.vendor.fault(match=match, **behaviour.fault)
            jobs[await on.order(KIND, vendor, prompt)] = (behaviour, vendor)
        on.buyer("buyer", [KIND], slots=len(CELLS))
        rows = await settled(on, list(jobs), 90)
        unused = [rule for rule in on.vendor.faults() if not rule["done"]]
        names = {job: f"{vendor} {behaviour.name}" for job, (behaviour, vendor) in jobs.items()}
        verdict = await judge(on, list(jobs), names)
        for job, (behaviour, vendor) in jobs.items():
            row = rows[job]
            state = "held" if row["held"] else row["state"]
            verdict.claim(state == behaviour.outcome(vendor), "it ends as it must", names[job], dict(row))
        sent = [e for e in on.vendor.ledger() if e["vendor"] in {vendor for _, vendor in CELLS}]
        print(f"{len(CELLS)} cells, hooks {dict(on.hooks.heard)}, counts {dict(verdict.counts)}")
        assert verdict.broken == []
        assert len(sent) == len(CELLS)
        # Only a vendor that calls back is asked to do so wrongly; elsewhere such a rule changes nothing.
        assert unused == []
        held = sum(row["held"] for row in rows.values())
    note(
        "misbehaving vendors (tests/faults/test_paying_behaviours.py)",
        jobs=len(CELLS),
        faults=len(CELLS),
        lost=0,
        held=held,
        entries="at most 1",
    )
