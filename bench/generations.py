"""`make bench-generations`: 1, 50 and 500 films at a vendor at once, followed by one video worker process.

Real processes: storage, one video service (server and worker), gateway, Postgres, NATS, S3, and the simulated vendor, whose films take
`VENDOR_SECONDS`. A film is done when its run's end is committed; the vendor's ledger tells what was bought.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil

from bench.growth import percentile, record, table
from kit.testing.house import House, house
from simulator.testing import RunningSimulator
from stack.servers import Servers

SIZES = (1, 50, 500)
VENDOR_SECONDS = 30.0
SLOTS = 64
_LIMIT = 330.0
_ENDED = """SELECT count(*) FILTER (WHERE state = 'succeeded'), count(*) FILTER (WHERE state IN ('failed', 'cancelled'))
FROM runs WHERE public_id = ANY($1)"""
_LAGS = """SELECT s.operation_id, extract(epoch FROM r.finished_at)::float8 AS ended, extract(epoch FROM r.created_at)::float8 AS accepted
FROM submissions s JOIN runs r ON r.id = s.run_id WHERE r.public_id = ANY($1)"""
HEAD = (
    *(
        "films",
        "completed",
        "failed",
        "bought",
        "bought twice",
        "at the vendor at once",
        "accepted in, s",
        "all done after, s",
    ),
    *("vendor done to completed p50, s", "p99, s", "polls", "polls a film", "fetches", "worker RSS, MiB (peak)"),
    *("with its subprocesses, MiB (peak)", "worker CPU, s", "% of a core", "subprocesses' CPU, s"),
)


@dataclass
class Watch:
    """Memory and CPU of the video process and of what it has started, looked at four times a second."""

    process: psutil.Process
    rss: float = 0.0
    family: float = 0.0
    _others: dict[int, float] = field(default_factory=dict)

    def look(self) -> None:
        """Takes one look."""
        own = self.process.memory_info().rss / 2**20
        whole = own
        for child in self.process.children(recursive=True):
            try:
                with child.oneshot():
                    whole += child.memory_info().rss / 2**20
                    times = child.cpu_times()
                    self._others[child.pid] = times.user + times.system + times.children_user + times.children_system
            except psutil.Error:
                continue
        self.rss, self.family = max(self.rss, own), max(self.family, whole)

    def cpu(self) -> float:
        """Returns the seconds of a core that the process itself has used."""
        return float(sum(self.process.cpu_times()[:2]))

    def below(self) -> float:
        """Returns the seconds that its subprocesses have used, as last seen; those of ffmpeg are counted where it was waited for."""
        return sum(self._others.values())


async def run(folder: Path) -> str:
    """Returns the table."""
    rows: list[list[object]] = []
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    with RunningSimulator(folder, video_seconds=VENDOR_SECONDS) as vendor:
        films = {
            "SORA_API_BASE": vendor.openai_base,
            "SORA_API_KEY": "sk-key-of-the-simulator",
            "SFD_VIDEO_SLOTS": str(SLOTS),
            "SFD_VIDEO_KEY_SLOTS": '{"openai": 1000}',
        }
        async with Servers(folder / "servers") as servers, house(servers, folder / "house", films) as made:
            process = psutil.Process((await made.start("video")).pid)
            await made.start("gateway")
            database = await asyncpg.connect(servers.postgres_dsn)
            for size in SIZES:
                rows.append(await measure(made, vendor, database, process, size))
                print(dict(zip(HEAD, rows[-1], strict=True)), flush=True)
            await database.close()
    return (
        f"One video process with {SLOTS} slots, the vendor takes {VENDOR_SECONDS:.0f} s for a film. All on two cores, with storage, "
        f"gateway, Postgres, NATS, S3 and the vendor.\n\n{table(HEAD, rows)}"
    )


async def measure(
    made: House, vendor: RunningSimulator, database: asyncpg.Connection, process: psutil.Process, size: int
) -> list[object]:
    """Returns the row of so many films."""
    await asyncio.to_thread(vendor.reset)
    watch = Watch(process)
    watch.look()
    own, below, began = watch.cpu(), watch.below(), time.time()
    names = await accepted(made, size)
    taken = time.time() - began
    while True:
        done, failed = await database.fetchrow(_ENDED, names)
        if done + failed == size or time.time() - began > _LIMIT:
            break
        watch.look()
        await asyncio.sleep(0.25)
    watch.look()
    whole = time.time() - began
    ledger: list[dict[str, Any]] = [e for e in vendor.ledger() if e.get("job")]
    ready = {str(e["job"]["id"]): float(e["job"]["ready"]) for e in ledger}
    bought = Counter(str(e["job"]["prompt"]) for e in ledger)
    known = await database.fetch(_LAGS, names)
    lags = [row["ended"] - ready[row["operation_id"]] for row in known if row["operation_id"] in ready and row["ended"]]
    # One film is one value, and percentiles need two.
    told = lags * 2 or [0.0, 0.0]
    asked: Any = vendor.stats()["requests"]
    polls, fetches = (sum(n for name, n in asked.items() if name.endswith(end)) for end in (".read", ".content"))
    together = at_once(ledger)
    return [
        *(size, done, failed, len(ledger), sum(count - 1 for count in bought.values()), together, taken, whole),
        *(percentile(told, 0.5), percentile(told, 0.99), polls, polls / size, fetches, watch.rss, watch.family),
        *(watch.cpu() - own, (watch.cpu() - own) / whole * 100, watch.below() - below),
    ]


def at_once(ledger: list[dict[str, Any]]) -> int:
    """Returns how many films the vendor was making at the same time, at most."""
    changes = sorted(
        [(float(e["job"]["created"]), 1) for e in ledger] + [(float(e["job"]["ready"]), -1) for e in ledger]
    )
    most = now = 0
    for _, change in changes:
        now += change
        most = max(most, now)
    return most


async def accepted(made: House, size: int) -> list[str]:
    """Returns the ids of so many accepted films, asked for by 16 clients."""
    waiting = asyncio.Semaphore(16)
    async with httpx.AsyncClient(base_url=made.url, timeout=60, trust_env=False) as client:

        async def one(number: int) -> str:
            async with waiting:
                wish = {
                    "model": "sim-video-1",
                    "provider": "openai",
                    "prompt": f"A pier at night, number {number}",
                    "duration": 4,
                }
                answer = await client.post("/v1/video/generations", json={**wish, "aspect_ratio": "9:16"})
                return str(answer.raise_for_status().json()["id"])

        return await asyncio.gather(*(one(number) for number in range(size)))


def main() -> int:
    """Returns 0 once it is measured and recorded."""
    record("bench-generations", asyncio.run(run(Path(".sfd/bench-generations").resolve())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
