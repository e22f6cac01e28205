"""A crash at each point of a paid call: the vendor's ledger is the referee."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.faults.stage import WISH, stage

pytestmark = [pytest.mark.system, pytest.mark.timeout(200)]

# Where the worker dies, and whether the vendor had accepted by then.
POINTS = {
    "paid.before_intent": False,
    "paid.after_intent": False,
    "paid.after_submitting": False,
    "paid.after_answer": True,
    "paid.during_fetch": True,
    "paid.after_fetch": True,
}


@pytest.mark.parametrize(
    "point", [p if p == "paid.after_answer" else pytest.param(p, marks=pytest.mark.slow) for p in POINTS]
)
async def test_a_worker_that_dies_at(point: str, tmp_path: Path) -> None:
    async with stage(tmp_path, latency=0.05, video_seconds=0.4) as on:
        drama = await on.create()
        for service in ("imaging", "video"):
            on.house.processes[service].stop()
            folder = tmp_path / f"fail-{service}"
            folder.mkdir()
            await on.house.start(
                service, env={"SFD_FAILPOINTS": f"{point}=once:exit", "SFD_FAILPOINT_DIR": str(folder)}
            )
        job = await on.client.execute(drama, **WISH)
        settled = asyncio.create_task(on.settle(drama, job, 120))
        died: set[str] = set()
        while not settled.done():
            await asyncio.sleep(0.2)
            for service in ("imaging", "video"):
                if not on.house.processes[service].running():
                    died.add(service)
                    await on.house.start(service)
        record, held = await settled
        assert record["status"] == "completed", record["error"]
        assert died, f"nobody died at {point}"
        ledger = on.check_ledger()
        scenes = sum(len(e["scenes"]) for e in (await on.client.call("GET", f"/dramas/{drama}"))["episodes"])
        print(f"{point}: died {sorted(died)}, held {len(held)}, ledger {ledger}, scenes {scenes}")
        assert scenes <= ledger["video"] <= scenes + len(held)
        if not POINTS[point] and point != "paid.after_submitting":
            assert not held, "before the socket is opened there is nothing to ask a person"
