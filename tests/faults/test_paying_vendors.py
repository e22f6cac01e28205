"""The paying-once matrix over the house's real adapters and SDKs: 135 cases; the simulated vendors' ledger is the referee.

Nine points of a paid call x three ways to fail are 27 pairs. Each pair is met by five of the nine adapters: openai, gemini (Veo), runway,
luma, fal, replicate, kling, minimax and seedance. Every other adapter in turn, from a place that moves with the pair, so that each adapter
has 15 cases, five of each way to fail, and meets each point (see `vendor_matrix.every`). No row of the catalogue says that its vendor takes
an idempotency key: five adapters find a lost call again, of the other four a person is asked, and nobody is ever sent anything again.

The ledgers are compared to the nano-USD: what the vendors have billed, and what is booked.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.video.config import VideoSettings
from services.video.registry import film_vendors
from simulator.jsons import as_int
from tests.faults.evidence import note, seed
from tests.faults.floor import Floor
from tests.faults.matrix import ACTIONS, POINTS, play
from tests.faults.test_paying_matrix import give_up
from tests.faults.vendor_matrix import VENDORS, VendorCase, every, few, vendor_floor

pytestmark = [pytest.mark.system, pytest.mark.timeout(540)]
SECONDS = 300
"""A list that does not show a call is trusted after two minutes only."""


async def judged(folder: Path, cases: Sequence[VendorCase], what: str, video_seconds: float = 0.4) -> None:
    chosen = seed()
    async with vendor_floor(folder, video_seconds) as on:
        verdict, rows = await play(on, cases, chosen, seconds=SECONDS)
        held = sum(row["held"] for row in rows.values())
        print(f"seed {chosen}: {len(cases)} cases, held {held}, counts {dict(verdict.counts)}")
        assert verdict.broken == []
        billed, open_ = await sums(on)
        print(f"billed {billed} nano-USD, of which {open_} wait for a person")
        assert await on.sql("SELECT id FROM runs WHERE held_nano_usd <> 0 AND state IN ('succeeded', 'failed')") == []
        await give_up(on)
    checks = sum(verdict.counts.values())
    entries = verdict.counts["ledger entries"]
    note(
        f"{what}; seed {chosen}; {checks} checks; {billed} nano-USD in both ledgers, {open_} of them held",
        jobs=len(cases),
        faults=len(cases),
        lost=0,
        held=held,
        entries=f"at most 1; {entries} in all",
    )


async def sums(on: Floor) -> tuple[int, int]:
    """Returns what the vendors have billed, and what of it waits for a person, in nano-USD; all else must be booked, to the last one."""
    ledger = await on.by_submission()
    billed = sum(as_int(entry["price_nano_usd"], 0) for entries in ledger.values() for entry in entries)
    assert billed == sum(as_int(json.loads(line)["price_nano_usd"], 0) for line in on.vendor.ledger_path.open())
    (booked,) = await on.sql("SELECT coalesce(sum(cost_nano_usd), 0)::bigint AS sum FROM usage_entries")
    waiting = await on.sql("SELECT id::text, price_nano_usd AS price FROM submissions WHERE state = 'needs_user'")
    open_ = sum(row["price"] for row in waiting if row["id"] in ledger)
    assert billed == booked["sum"] + open_
    (shown,) = await on.sql("SELECT coalesce(sum(held_nano_usd), 0)::bigint AS sum FROM runs")
    assert shown["sum"] == sum(row["price"] for row in waiting)
    return billed, open_


def test_every_adapter_meets_every_point_and_every_way_to_fail() -> None:
    cases = every()
    assert len(cases) == 135
    assert len({(c.point, c.action, c.vendor) for c in cases}) == 135
    assert {(c.point, c.vendor) for c in cases} == {(point, vendor) for point in POINTS for vendor in VENDORS}
    assert {(c.action, c.vendor) for c in cases} == {(action, vendor) for action in ACTIONS for vendor in VENDORS}
    assert {c.vendor for c in few()} == set(VENDORS)
    settings = VideoSettings.model_validate({"SFD_INTERNAL_SECRET": "s" * 40, "SFD_FILM_HOSTS": ""})
    assert film_vendors(settings).keys() == set(VENDORS), "a new vendor of the house joins the matrix"


async def test_nine_adapters_pay_once(tmp_path: Path) -> None:
    # Films that are done at once: some vendors ask to be asked again in ten seconds only.
    await judged(tmp_path, few(), "nine adapters, one case each", video_seconds=0.0)


@pytest.mark.slow
@pytest.mark.parametrize("action", ACTIONS)
async def test_45_cases_of_real_adapters_pay_once(action: str, tmp_path: Path) -> None:
    cases = [case for case in every() if case.action == action]
    await judged(tmp_path, cases, f"paying-once matrix over nine adapters, {action}")
