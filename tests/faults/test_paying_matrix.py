"""Nine points of a paid call x five kinds of vendors x three ways to fail; the vendors' ledger is the referee."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from sfd.jobs.v1 import job_service_pb2
from tests.faults.evidence import note, seed
from tests.faults.floor import Floor, floor
from tests.faults.matrix import ACTIONS, Case, every, play, sample

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]


async def judged(folder: Path, cases: Sequence[Case], what: str) -> None:
    chosen = seed()
    async with floor(folder) as on:
        verdict, rows = await play(on, cases, chosen)
        held = sum(row["held"] for row in rows.values())
        print(f"seed {chosen}: {len(cases)} cases, hooks {dict(on.hooks.heard)}, counts {dict(verdict.counts)}")
        assert verdict.broken == []
        await give_up(on)
    entries = verdict.counts["ledger entries"]
    note(
        f"{what}; seed {chosen}; {sum(verdict.counts.values())} checks",
        jobs=len(cases),
        faults=len(cases),
        lost=0,
        held=held,
        entries=f"at most 1; {entries} in all",
    )


async def give_up(on: Floor) -> None:
    """A person gives up what waits: then nothing is held any more."""
    for row in await on.sql("SELECT id::text FROM submissions WHERE state = 'needs_user'"):
        await on.user.ResolveSubmission(
            job_service_pb2.ResolveSubmissionRequest(
                submission_id=row["id"], resolution=job_service_pb2.RESOLUTION_ABANDON
            )
        )
    assert [dict(row) for row in await on.sql("SELECT id FROM runs WHERE held_nano_usd <> 0")] == []
    assert [dict(row) for row in await on.sql("SELECT * FROM key_slots WHERE used <> 0")] == []


def test_the_sample_has_every_point_action_and_vendor() -> None:
    cases = sample()
    assert (len(every()), len(cases)) == (135, 27)
    assert len({(c.point, c.action) for c in cases}) == 27
    assert {c.vendor for c in cases} == {c.vendor for c in every()}


async def test_a_sample_of_27_cases_pays_once(tmp_path: Path) -> None:
    await judged(tmp_path, sample(), "sample of the paying-once matrix")


@pytest.mark.slow
@pytest.mark.parametrize("action", ACTIONS)
async def test_45_cases_pay_once(action: str, tmp_path: Path) -> None:
    await judged(tmp_path, [case for case in every() if case.action == action], f"paying-once matrix, {action}")
