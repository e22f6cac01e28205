"""The media contract has no login: who is let in on its face without a key, and who is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from services.gateway.config import GatewaySettings
from services.gateway.server import Server, run
from tests.contract.gateway.conftest import KEY, Running

PORTS = {"SFD_MEDIA_PORT": "39610", "SFD_CAPTIONS_PORT": "39640"}


@pytest.fixture(scope="module")
async def open_faces(running: Running) -> AsyncIterator[dict[str, str]]:
    """Returns the URL of each face of a gateway that has service keys and leaves the media face as it is by default."""
    async for urls in started(running.environment | PORTS):
        yield urls


async def started(environment: dict[str, str]) -> AsyncIterator[dict[str, str]]:
    settings = GatewaySettings.model_validate(environment)
    ready: asyncio.Future[tuple[Server, dict[str, int]]] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(run(settings, lambda server, ports: ready.set_result((server, ports))))
    server, ports = await asyncio.wait_for(ready, 20)
    while not server.started:
        await asyncio.sleep(0.02)
    yield {face: f"http://127.0.0.1:{port}" for face, port in ports.items()}
    server.should_exit = True
    await asyncio.wait_for(task, 20)


async def ask(url: str, path: str, **headers: str) -> int:
    async with httpx.AsyncClient(base_url=url, trust_env=False, verify=False) as client:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return (await client.get(path, headers=named)).status_code


@pytest.mark.parametrize(
    "path", ["/v1/providers", "/v1/keys", "/v1/video/generations", "/v1/usage/stats", "/v1/videos"]
)
async def test_its_clients_need_no_key(open_faces: dict[str, str], path: str) -> None:
    assert await ask(open_faces["media"], path) == 200


@pytest.mark.parametrize(
    ("face", "path", "headers"),
    [
        ("drama", "/v1/providers", {}),
        ("captions", "/v1/providers", {}),
        ("media", "/dramas", {}),
        ("media", "/jobs", {}),
        ("media", "/v1/providers", {"X_API_Key": "wrong"}),
        ("media", "/v1/providers", {"Authorization": "Bearer wrong"}),
        ("media", "/v1/providers", {"Host": "studio.example.com"}),
        ("media", "/v1/providers", {"Host": "127.0.0.1.example.com:3001"}),
        ("media", "/v1/providers", {"Origin": "https://elsewhere.example"}),
        ("media", "/v1/providers", {"Origin": "null"}),
    ],
)
async def test_whoever_else_comes_needs_one(
    open_faces: dict[str, str], face: str, path: str, headers: dict[str, str]
) -> None:
    assert await ask(open_faces[face], path, **headers) == 401
    key = {} if any("wrong" in value for value in headers.values()) else {"X_API_Key": KEY}
    if key:
        assert await ask(open_faces[face], path, **headers, **key) == 200


async def test_a_page_of_its_own_front_end_is_let_in(open_faces: dict[str, str]) -> None:
    # The origins of the gateway's own setting, which replace the face's.
    assert await ask(open_faces["media"], "/v1/providers", Origin="http://localhost:3000") == 200


@pytest.mark.parametrize(
    ("rule", "host", "status"), [("never", "127.0.0.1", 401), ("always", "studio.example.com", 200)]
)
async def test_the_setting_decides(running: Running, rule: str, host: str, status: int) -> None:
    async for urls in started(running.environment | PORTS | {"SFD_MEDIA_KEYLESS": rule}):
        assert await ask(urls["media"], "/v1/providers", Host=host) == status
        assert await ask(urls["media"], "/dramas", Host=host) == 401
