"""`make bench-jobs`: 2,000 single-job runs beside procrastinate and DBOS in three interleaved rounds; idle latency; acceptance.

Ours: one SubmitRun each from 8 concurrent callers on one channel, one storage process, one worker process with 10 slots, real protos
and interceptors; a job counts when its completion is committed. All three use the same Postgres with fsync and synchronous_commit on.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from bench import jobs_ours
from bench.acceptance import acceptance, summary
from kit.testing.house import House, house
from stack.servers import Servers

HERE = Path(__file__).resolve().parent
COUNT = 2000
ROUNDS = 3
PEERS = ("procrastinate", "dbos")


def peers_python(folder: Path) -> Path:
    """Returns the interpreter of the peers' own environment, made when it is not there."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", "-r", str(HERE / "peers" / "requirements.txt")], check=True
        )
    return python


class Peer:
    """One peer: its own database, its own worker process."""

    def __init__(self, name: str, python: Path, dsn: str) -> None:
        self.name = name
        self.dsn = dsn
        self._command = [str(python), str(HERE / "peers" / f"{name}_peer.py")]
        self._worker: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Makes its tables and starts its worker."""
        if self.name == "procrastinate":
            await asyncio.to_thread(subprocess.run, [*self._command, "schema", self.dsn], check=True)
        self._worker = subprocess.Popen(
            [*self._command, "worker", self.dsn], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        await asyncio.sleep(3)

    async def measure(self) -> float:
        """Returns its jobs per second."""
        done = await asyncio.to_thread(
            subprocess.run,
            [*self._command, "measure", self.dsn, str(COUNT)],
            check=True,
            capture_output=True,
            timeout=180,
        )
        return float(json.loads(done.stdout.decode().splitlines()[-1])["jobs_per_second"])

    def stop(self) -> None:
        """Ends its worker."""
        if self._worker is not None:
            self._worker.kill()
            self._worker.wait()


async def run(folder: Path) -> dict[str, object]:
    """Runs everything and returns what it measured."""
    async with Servers(folder / "servers") as servers:
        admin = await asyncpg.connect(servers.postgres_dsn)
        shown = {
            name: await admin.fetchval(f"SHOW {name}")
            for name in ("fsync", "synchronous_commit", "full_page_writes", "server_version")
        }
        print("SHOW", json.dumps(shown), flush=True)
        base = servers.postgres_dsn.rsplit("/", 1)[0]
        python = await asyncio.to_thread(peers_python, folder / "peers")
        peers = []
        for name in PEERS:
            await admin.execute(f"DROP DATABASE IF EXISTS {name}_bench")
            await admin.execute(f"CREATE DATABASE {name}_bench")
            peers.append(Peer(name, python, f"{base}/{name}_bench"))
        try:
            async with house(servers, folder / "house") as ours:
                for peer in peers:
                    await peer.start()
                jobs_ours.start_worker(ours)
                await asyncio.sleep(2)
                rates = await rounds(ours, admin, peers)
                for peer in peers:
                    peer.stop()
                await jobs_ours.published(admin)
                idle = await jobs_ours.idle_latency(ours, 200)
                await jobs_ours.published(admin)
                for service in ("story", "gateway"):
                    # The story worker is off: acceptance is measured, not what follows it.
                    await ours.start(service, *(["--role", "serve"] if service == "story" else []))
                await acceptance(ours, 20, 2)
                accepted, bad = await acceptance(ours, 100, 20)
        finally:
            for peer in peers:
                peer.stop()
            await admin.close()
    return report(rates, idle, accepted, bad)


async def rounds(ours: House, admin: asyncpg.Connection, peers: list[Peer]) -> dict[str, list[float]]:
    """Returns jobs per second by name, a value for each round; the order turns from round to round."""
    rates: dict[str, list[float]] = {"sfd": [], **{peer.name: [] for peer in peers}}
    await jobs_ours.throughput(ours, admin, 200)
    for number in range(ROUNDS):
        names = list(rates)
        for name in names[number:] + names[:number]:
            if name == "sfd":
                await jobs_ours.published(admin)
                rate = await jobs_ours.throughput(ours, admin, COUNT)
                await jobs_ours.published(admin)
            else:
                rate = await next(peer for peer in peers if peer.name == name).measure()
            rates[name].append(rate)
            print(f"round {number + 1} {name:14} {rate:7.1f} jobs/s", flush=True)
    return rates


def report(rates: dict[str, list[float]], idle: list[float], accepted: list[float], bad: int) -> dict[str, object]:
    """Prints the verdict and returns it."""
    ours = statistics.median(rates["sfd"])
    ratios = {name: ours / statistics.median(values) for name, values in rates.items() if name != "sfd"}
    lines = {
        "median jobs/s": {name: round(statistics.median(values), 1) for name, values in rates.items()},
        "ratio": {name: round(ratio, 2) for name, ratio in ratios.items()},
        "idle latency": summary(idle),
        "acceptance at 100/s": f"{summary(accepted)}, {len(accepted)} requests, {bad} not 202",
    }
    for name, value in lines.items():
        print(f"{name}: {value if isinstance(value, str) else json.dumps(value)}")
    return {**lines, "all values": rates}


def main() -> int:
    """Returns 0 when the promises hold: 1.5x and 3x, idle p50 8 ms, acceptance p50 10 ms and p99 60 ms."""
    folder = Path(".sfd/bench").resolve()
    found = asyncio.run(run(folder))
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], check=False, capture_output=True, text=True
    ).stdout.strip()
    evidence = Path("docs/evidence/bench-jobs.md")
    evidence.parent.mkdir(parents=True, exist_ok=True)
    with evidence.open("a", encoding="utf-8") as out:
        out.write(
            f"\n## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit}\n\n```json\n{json.dumps(found, indent=1)}\n```\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
