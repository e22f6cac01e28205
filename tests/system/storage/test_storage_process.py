"""Storage as a process: it starts without the bus, ends in time with streams and idle sockets open, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from kit.context import Caller, Role
from kit.errors import Unavailable
from kit.identity import DEFAULT_ACCOUNT_ID
from kit.rpc.client import channel
from kit.testing.house import House, free_port
from kit.testing.processes import ROOT, Process, healthy
from sfd.jobs.v1 import job_service_pb2 as rpc
from sfd.jobs.v1 import job_service_pb2_grpc

pytestmark = pytest.mark.system


async def started(house: House, folder: Path, **env: str) -> tuple[Process, str, float]:
    address = f"127.0.0.1:{free_port()}"
    settings = {**house.env, "SFD_STORAGE_ADDR": address, "SFD_METRICS_PORT": "0", **env}
    process = Process("storage", ["-m", "services.storage"], settings, folder / "storage.log")
    began = time.monotonic()
    process.start()
    await healthy(address, 30)
    return process, address, time.monotonic() - began


async def test_it_ends_in_time_with_an_open_stream_and_idle_sockets(storage_house: House, tmp_path: Path) -> None:
    process, address, _ = await started(storage_house, tmp_path)
    host, port = address.split(":")
    idle = [await asyncio.open_connection(host, int(port)) for _ in range(5)]
    async with channel(address, storage_house.signer, default=Caller(DEFAULT_ACCOUNT_ID, Role.ACCOUNT)) as open_channel:
        stub = job_service_pb2_grpc.JobServiceStub(open_channel)

        async def watch() -> None:
            async for _ in stub.WatchEvents(rpc.WatchEventsRequest(after_pos=2**60)):
                pass

        watching = asyncio.create_task(watch())
        await asyncio.sleep(0.5)
        began = time.monotonic()
        code = await asyncio.to_thread(process.stop, 10)
        assert (code, time.monotonic() - began < 5) == (0, True), process.tail()
        with pytest.raises(Unavailable):
            await watching
    for _, writer in idle:
        writer.close()


async def test_a_bus_that_is_away_delays_no_start_and_no_work(storage_house: House, tmp_path: Path) -> None:
    process, address, _ = await started(storage_house, tmp_path, NATS_URL=f"nats://127.0.0.1:{free_port()}")
    async with channel(address, storage_house.signer, default=Caller(DEFAULT_ACCOUNT_ID, Role.ACCOUNT)) as open_channel:
        stub = job_service_pb2_grpc.JobServiceStub(open_channel)
        began = time.monotonic()
        await stub.ListRuns(rpc.ListRunsRequest())
        assert time.monotonic() - began < 2
    assert await asyncio.to_thread(process.stop, 10) == 0


async def test_a_bucket_that_is_away_keeps_no_storage_from_starting(storage_house: House, tmp_path: Path) -> None:
    away = {"R2_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"}
    process, address, _ = await started(storage_house, tmp_path, **away)
    async with channel(address, storage_house.signer, default=Caller(DEFAULT_ACCOUNT_ID, Role.ACCOUNT)) as open_channel:
        await job_service_pb2_grpc.JobServiceStub(open_channel).ListRuns(rpc.ListRunsRequest())
    assert await asyncio.to_thread(process.stop, 10) == 0


async def test_children_of_a_killed_test_run_die_with_it(tmp_path: Path) -> None:
    program = (
        "import time\nfrom pathlib import Path\nfrom kit.testing.processes import Process\n"
        f"p = Process('x', ['-c', 'import time; time.sleep(60)'], {{}}, Path({str(tmp_path / 'log')!r}))\n"
        "p.start()\nprint(p.pid, flush=True)\ntime.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(await asyncio.to_thread(parent.stdout.readline)))
    os.kill(parent.pid, signal.SIGKILL)
    await asyncio.to_thread(parent.wait, 10)
    parent.stdout.close()
    _, alive = await asyncio.to_thread(psutil.wait_procs, [child], 5)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]
