"""`make bench-listeners`: 1, 50 and 500 open event streams on one gateway while events happen; how late each one hears of them.

A stream's lag is the time from the event's commit to its arrival at the client, on one clock. The share of a core that the gateway used and
its memory are told beside it. Polling, as clients of the older server do, is measured with as many clients that ask once a second.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from pathlib import Path

import httpx
import psutil

from bench.growth import percentile, record, table
from kit.testing.house import House, house
from sfd.jobs.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from stack.servers import Servers

SIZES = (1, 50, 500)
DRAMAS = 10
RUNS_PER_SECOND = 10
SECONDS = 15
_CREATED = re.compile(rb'"createdAt": ([0-9]+)')


async def run(folder: Path) -> str:
    """Returns the table."""
    rows: list[list[object]] = []
    async with Servers(folder / "servers") as servers, house(servers, folder / "house") as made:
        gateway = psutil.Process((await made.start("gateway")).pid)
        await happen(made, 2)
        for size in SIZES:
            rows.append([size, "stream", *await measure(made, gateway, size, streams=True)])
            rows.append([size, "poll once a second", *await measure(made, gateway, size, streams=False)])
            print(rows[-2], rows[-1], flush=True)
    head = (
        "listeners",
        "how",
        "told",
        "missed",
        "lag p50, ms",
        "lag p99, ms",
        "gateway, % of a core",
        "gateway RSS, MiB",
    )
    return (
        f"{RUNS_PER_SECOND} runs a second on {DRAMAS} dramas for {SECONDS} s, two events each (accepted, cancelled); the clients share "
        f"the two cores with the house.\n\n{table(head, rows)}"
    )


async def measure(made: House, gateway: psutil.Process, size: int, *, streams: bool) -> list[object]:
    """Returns told, missed, lags, CPU and memory for so many listeners."""
    lags: list[float] = []
    heard: list[int] = []
    since = int(time.time() * 1000)
    # As after a lost connection: what was before is not asked for again, so only news is measured.
    async with made.channel() as channel:
        jobs = job_service_pb2_grpc.JobServiceStub(channel)
        head = (await jobs.ListEvents(job_service_pb2.ListEventsRequest(page_size=1))).head_pos
    done = asyncio.Event()
    limits = httpx.Limits(max_connections=size + 5)
    async with httpx.AsyncClient(base_url=made.url, timeout=None, limits=limits) as client:
        ready = asyncio.Semaphore(0)
        listen = _stream if streams else _poll
        tasks = [
            asyncio.create_task(listen(client, f"bench-{n % DRAMAS}", since, head, ready, done, lags, heard))
            for n in range(size)
        ]
        for _ in range(size):
            await ready.acquire()
        before, started = sum(gateway.cpu_times()[:2]), time.perf_counter()
        counts = await happen(made, SECONDS)
        await asyncio.sleep(2)
        used = (sum(gateway.cpu_times()[:2]) - before) / (time.perf_counter() - started) * 100
        rss = gateway.memory_info().rss / 2**20
        done.set()
        await asyncio.gather(*tasks)
    expected = sum(counts[n % DRAMAS] for n in range(size))
    return [sum(heard), expected - sum(heard), percentile(lags, 0.5), percentile(lags, 0.99), used, rss]


async def happen(made: House, seconds: float) -> list[int]:
    """Lets runs be accepted and cancelled; returns the number of events of each drama."""
    counts = [0] * DRAMAS
    async with made.channel() as channel:
        jobs = job_service_pb2_grpc.JobServiceStub(channel)
        began = time.perf_counter()
        for n in range(int(RUNS_PER_SECOND * seconds)):
            await asyncio.sleep(max(0.0, began + n / RUNS_PER_SECOND - time.perf_counter()))
            drama = n % DRAMAS
            new = job_pb2.NewJob(step="s", kind="bench.nobody", queue="nobody", input_json="{}")
            run = (
                await jobs.SubmitRun(
                    job_service_pb2.SubmitRunRequest(kind="bench", drama_id=f"bench-{drama}", jobs=[new])
                )
            ).run
            await jobs.CancelRun(job_service_pb2.CancelRunRequest(id=run.id))
            reply = await jobs.ListEvents(job_service_pb2.ListEventsRequest(run_id=run.id))
            while not any(event.type == "run.cancelled" for event in reply.events):
                await asyncio.sleep(0.01)
                reply = await jobs.ListEvents(job_service_pb2.ListEventsRequest(run_id=run.id))
            counts[drama] += len(reply.events)
    return counts


class _Stream(asyncio.Protocol):
    """One open stream, read with as little work as can be: the client must not be what is measured."""

    def __init__(self, request: bytes, since: int, ready: asyncio.Semaphore, lags: list[float]) -> None:
        self._request = request
        self._since = since
        self._ready = ready
        self._lags = lags
        self._rest = b""
        self.count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asks for the stream."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Counts events that are young enough, with their lag."""
        now = time.time() * 1000
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b": open"):
                self._ready.release()
            elif line.startswith(b"data: ") and (found := _CREATED.search(line)) and int(found[1]) > self._since:
                self.count += 1
                self._lags.append(now - int(found[1]))


async def _stream(
    client: httpx.AsyncClient,
    drama: str,
    since: int,
    head: int,
    ready: asyncio.Semaphore,
    done: asyncio.Event,
    lags: list[float],
    heard: list[int],
) -> None:
    url = client.base_url
    request = f"GET /dramas/{drama}/events HTTP/1.1\r\nHost: {url.host}\r\nLast-Event-ID: {head}\r\n\r\n".encode()
    transport, protocol = await asyncio.get_running_loop().create_connection(
        lambda: _Stream(request, since, ready, lags), url.host, url.port or 80
    )
    await done.wait()
    transport.close()
    heard.append(protocol.count)


async def _poll(
    client: httpx.AsyncClient,
    drama: str,
    since: int,
    head: int,
    ready: asyncio.Semaphore,
    done: asyncio.Event,
    lags: list[float],
    heard: list[int],
) -> None:
    """Asks for the drama's jobs once a second; a job that is new or has ended counts as two events of its kind."""
    seen: dict[str, str] = {}
    count = 0
    first = True
    while not done.is_set():
        answer = (await client.get(f"/dramas/{drama}/jobs", params={"limit": 20})).raise_for_status().json()
        now = time.time() * 1000
        for job in answer["jobs"]:
            if job["createdAt"] <= since or seen.get(job["jobId"]) == job["status"]:
                continue
            if job["status"] == "failed":
                count += 3 if job["jobId"] not in seen else 2
                lags.append(now - (job["completedAt"] or job["createdAt"]))
            seen[job["jobId"]] = job["status"]
        if first:
            ready.release()
            first = False
        await asyncio.sleep(1)
    heard.append(count)


def main() -> int:
    """Returns 0 once it is measured and recorded."""
    record("bench-listeners", asyncio.run(run(Path(".sfd/bench-listeners").resolve())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
