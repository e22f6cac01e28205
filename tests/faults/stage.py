"""A house of its own for each fault: real servers that may be killed, every service as a process, the simulator as vendor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from kit.testing.house import House, house
from kit.testing.production import SERVICES, Client, Json
from simulator.testing import RunningSimulator
from stack.servers import Servers

WISH = {"provider": "openai"}
PREMISE = "A tram driver named Ines finds the same red suitcase every night at the last stop in Porto. 1 episode"


@dataclass
class Stage:
    """Everything a fault needs."""

    servers: Servers
    house: House
    vendor: RunningSimulator
    client: Client

    async def create(self, premise: str = PREMISE) -> str:
        """Returns the id of a drama that is written and drawn."""
        drama, job = await self.client.create(premise, **WISH)
        created = await self.client.finished(drama, job, 90)
        assert created["status"] == "completed", created
        return drama

    async def settle(self, drama: str, job: str, seconds: float) -> tuple[Json, list[Json]]:
        """Waits for a run to end, sending again what waits for a person; returns its record and what was held."""
        held: list[Json] = []
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            record = await self.client.call("GET", f"/dramas/{drama}/jobs/{job}")
            if record["status"] in ("completed", "failed"):
                return record, held
            waiting = (await self.client.call("GET", f"/dramas/{drama}/submissions"))["submissions"]
            for one in waiting:
                assert one["price_usd"] > 0, "what waits for a person shows its price"
                held.append(one)
                await self.client.call("POST", f"/submissions/{one['id']}/resolve", json={"resolution": "resubmit"})
            await asyncio.sleep(0.3)
        raise TimeoutError(str(record)[:3000])

    def check_ledger(self) -> dict[str, int]:
        """Asserts that no submission was accepted twice by the vendor; returns how many entries there are by kind."""
        entries = self.vendor.ledger()
        submissions = [entry["submission"] for entry in entries]
        assert all(submissions), "every paid call names its submission"
        assert len(submissions) == len(set(submissions)), "a submission was accepted twice"
        return {kind: sum(e["kind"] == kind for e in entries) for kind in ("text", "image", "video")}

    async def check_events(self, drama: str) -> int:
        """Asserts that positions grow and that each job's events are 1, 2, 3 ... without a gap; returns how many there are."""
        database = await asyncpg.connect(self.servers.postgres_dsn)
        try:
            rows = await database.fetch(
                "SELECT pos, job_id, run_id, seq, type FROM events WHERE drama_id = $1 ORDER BY pos", drama
            )
        finally:
            await database.close()
        assert all(row["pos"] is not None for row in rows)
        seen: dict[object, int] = {}
        for row in rows:
            key = row["job_id"] or row["run_id"]
            assert row["seq"] == seen.get(key, 0) + 1, (row["type"], row["seq"], seen.get(key))
            seen[key] = row["seq"]
        return len(rows)


@asynccontextmanager
async def stage(folder: Path, *, latency: float = 0.2, video_seconds: float = 1.5, **env: str) -> AsyncIterator[Stage]:
    """Yields a stage with everything up."""
    folder.mkdir(parents=True, exist_ok=True)
    with RunningSimulator(folder, latency=latency, video_seconds=video_seconds) as vendor:
        keys = {"OPENAI_API_BASE": vendor.openai_base, "OPENAI_API_KEY": "sk-test-key-of-the-simulator"}
        async with Servers(folder / "servers") as servers, house(servers, folder / "house", {**keys, **env}) as made:
            for service in SERVICES:
                await made.start(service)
            client = Client(made.url)
            try:
                yield Stage(servers, made, vendor, client)
            finally:
                await client.close()


@pytest.fixture
async def fresh_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage with the defaults."""
    async with stage(tmp_path) as made:
        yield made
