"""How many may be in at once: connections of a process, requests and event streams of an account."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing
from typing import cast

import httpx
import pytest

from services.gateway.config import GatewaySettings
from services.gateway.server import Server, run
from tests.contract.gateway.conftest import KEY, Running
from tests.contract.gateway.fakes import House

STREAMS, REQUESTS, CONNECTIONS = 2, 4, 12


@pytest.fixture
async def small(running: Running, house: House) -> AsyncIterator[str]:
    """The URL of a gateway with little room, with a drama that can be watched."""
    house.add_run("generate_drama", "d")
    settings = GatewaySettings.model_validate(
        {
            **running.environment,
            "SFD_ACCOUNT_STREAMS": str(STREAMS),
            "SFD_ACCOUNT_REQUESTS": str(REQUESTS),
            "SFD_MAX_CONNECTIONS": str(CONNECTIONS),
            "SFD_HEARTBEAT_SECONDS": "0.2",
        }
    )
    ready: asyncio.Future[tuple[Server, dict[str, int]]] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(run(settings, lambda server, ports: ready.set_result((server, ports))))
    server, ports = await asyncio.wait_for(ready, 20)
    while not server.started:
        await asyncio.sleep(0.02)
    yield f"http://127.0.0.1:{ports['drama']}"
    server.should_exit = True
    await asyncio.wait_for(task, 20)


@pytest.fixture
async def client(small: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=small, headers={"X-API-Key": KEY}, trust_env=False, timeout=20) as made:
        yield made


async def watch(client: httpx.AsyncClient, stack: AsyncExitStack) -> httpx.Response:
    """Opens a stream that stays open until the stack ends; returns its head, once its first line has come."""
    answer = await stack.enter_async_context(client.stream("GET", "/dramas/d/events"))
    if answer.status_code == 200:
        # Kept: a reader of lines that is forgotten closes its answer.
        lines = await stack.enter_async_context(aclosing(cast("AsyncGenerator[str, None]", answer.aiter_lines())))
        await anext(lines)
    else:
        await answer.aread()
    return answer


async def test_a_stream_too_many_is_429_and_one_that_ends_makes_room(client: httpx.AsyncClient) -> None:
    async with AsyncExitStack() as last:
        async with AsyncExitStack() as stack:
            assert [(await watch(client, stack)).status_code for _ in range(STREAMS)] == [200] * STREAMS
            refused = await watch(client, stack)
            assert (refused.status_code, refused.json()["reason"]) == (429, "too_many_streams")
            assert int(refused.headers["retry-after"]) > 0
            assert refused.json()["request_id"] == refused.headers["x-request-id"]
            # What is no stream is still answered.
            assert (await client.get("/dramas")).status_code == 200
        async with asyncio.timeout(20):
            while (await watch(client, last)).status_code != 200:
                await asyncio.sleep(0.05)


async def test_a_request_too_many_is_429(client: httpx.AsyncClient, house: House) -> None:
    job = next(iter(house.runs.values())).public_id
    wait = {"Prefer": "wait=5"}
    asked = [asyncio.create_task(client.get(f"/jobs/{job}", headers=wait, timeout=60)) for _ in range(REQUESTS + 1)]
    done, waiting = await asyncio.wait(asked, timeout=20, return_when=asyncio.FIRST_COMPLETED)
    assert (len(done), len(waiting)) == (1, REQUESTS)
    refused = done.pop().result()
    assert (refused.status_code, refused.json()["reason"]) == (429, "too_many_requests")
    assert int(refused.headers["retry-after"]) > 0
    # Whoever asks for nothing of an account is no part of it.
    assert (await client.get("/health")).status_code == 200
    assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}
    assert (await client.get("/dramas")).status_code == 200


async def test_a_connection_too_many_is_503(small: str, client: httpx.AsyncClient) -> None:
    host, port = small.removeprefix("http://").split(":")
    idle = [await asyncio.open_connection(host, int(port)) for _ in range(CONNECTIONS)]
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    head, _, body = (await asyncio.wait_for(reader.read(), 20)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503")
    assert b"\r\nretry-after: " in head.lower()
    told = json.loads(body)
    assert (told["reason"], f"x-request-id: {told['request_id']}" in head.decode().lower()) == (
        "too_many_connections",
        True,
    )
    for _, each in idle:
        each.close()
    writer.close()
    async with asyncio.timeout(20):
        while (await client.get("/health")).status_code != 200:
            await asyncio.sleep(0.02)


async def test_a_quiet_stream_gives_signs_of_life(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(20), client.stream("GET", "/dramas/d/events") as stream:
        signs = 0
        async for line in stream.aiter_lines():
            signs += line == ": still here"
            if signs == 3:
                break
