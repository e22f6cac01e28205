"""Acceptance: POST /dramas at a steady rate, open loop; a 202 means the run is committed with fsync."""

from __future__ import annotations

import asyncio
import time

import httpx

from bench.growth import percentile
from kit.testing.house import House


async def acceptance(house: House, rate: int, seconds: float) -> tuple[list[float], int]:
    """Returns the milliseconds to each 202, from the moment the request was due, and the number of other answers."""
    times: list[float] = []
    bad = 0
    async with httpx.AsyncClient(base_url=house.url, limits=httpx.Limits(max_connections=64), timeout=10) as client:

        async def one(due: float) -> None:
            nonlocal bad
            answer = await client.post(
                "/dramas", json={"premise": "A watchmaker finds a letter that she will write tomorrow."}
            )
            times.append((time.perf_counter() - due) * 1000)
            bad += answer.status_code != 202

        started = time.perf_counter()
        tasks: list[asyncio.Task[None]] = []
        for n in range(int(rate * seconds)):
            due = started + n / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.create_task(one(due)))
        await asyncio.gather(*tasks)
    return times, bad


def summary(times: list[float]) -> str:
    """Returns p50, p90 and p99 for people."""
    return ", ".join(f"p{round(share * 100)} {percentile(times, share):.1f} ms" for share in (0.5, 0.9, 0.99))
