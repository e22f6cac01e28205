"""The gateway as a process: how it starts, what it refuses, how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

import httpx

from tests.contract.gateway.conftest import KEY, Running
from tests.contract.gateway.fakes import House

TOP = Path(__file__).parents[3]


async def start(settings: dict[str, str]) -> asyncio.subprocess.Process:
    """Starts `python main.py` with these settings and no others."""
    plain = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(TOP / "main.py"),
        cwd=TOP / "tests",
        env=plain | settings,
        stderr=asyncio.subprocess.PIPE,
    )


async def faces(process: asyncio.subprocess.Process, count: int) -> dict[str, str]:
    """Returns the URL of each face, as printed."""
    found: dict[str, str] = {}
    assert process.stderr is not None
    while len(found) < count:
        line = await asyncio.wait_for(process.stderr.readline(), 90)
        assert line, "it ended"
        told = json.loads(line)
        if told["event"] == "listening":
            found[told["face"]] = told["url"]
    return found


async def test_it_serves_its_faces_and_ends_in_order(running: Running, house: House) -> None:
    house.add_run("generate_drama", "d")
    ports = {"SFD_MEDIA_PORT": "39501", "SFD_CAPTIONS_PORT": "39501"}
    process = await start(running.environment | ports)
    try:
        urls = await faces(process, 3)
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=60, headers={"X-API-Key": KEY}) as client:
            media = (await client.get(f"{urls['media']}/health")).json()
            assert media["status"] == "healthy"
            captions = (await client.get(f"{urls['captions']}/")).json()
            assert captions["message"] == "HOIT Backend API"
            assert len(set(urls.values())) == 3
            assert (await client.get(f"{urls['media']}/openapi.json")).json()["info"]["title"] == "MediaRouter"
            assert (await client.get(f"{urls['captions']}/dramas")).status_code == 200
            run = next(iter(house.runs.values()))
            url = f"{urls['drama']}/jobs/{run.public_id}"
            waiting = asyncio.create_task(client.get(url, headers={"Prefer": "wait=60"}, timeout=70))
            async with client.stream("GET", f"{urls['drama']}/dramas/d/events", timeout=20) as stream:
                lines = stream.aiter_lines()
                await anext(lines)
                began = time.monotonic()
                process.send_signal(signal.SIGTERM)
                rest = [line async for line in lines]
                assert not any(line.startswith("data") for line in rest)
            assert (await waiting).status_code == 200
        assert await asyncio.wait_for(process.wait(), 10) == 0
        assert time.monotonic() - began < 5
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_it_refuses_to_start_and_says_why(running: Running) -> None:
    changes: tuple[dict[str, str], ...] = (
        {"API_KEYS": "", "ENVIRONMENT": "development", "HOST": "0.0.0.0"},
        {"CORS_ORIGINS": "*", "PORT": "x"},
    )
    processes = [await start(running.environment | change) for change in changes]
    told = [await asyncio.wait_for(process.communicate(), 90) for process in processes]
    assert [process.returncode for process in processes] == [2, 2]
    assert b"API_KEYS" in told[0][1]
    assert b"CORS_ORIGINS" in told[1][1]
    assert b"PORT" in told[1][1]
    assert KEY.encode() not in told[1][1]
