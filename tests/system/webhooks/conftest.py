"""A house with storage and a gateway that delivers, a receiver on loopback, and hands on the clock of the record."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest

from kit.testing.house import House, house
from kit.testing.processes import Process
from sfd.jobs.v1 import job_pb2, job_service_pb2
from sfd.jobs.v1.job_service_pb2_grpc import JobServiceStub
from stack.servers import Servers
from tests.system.webhooks.receiver import Receiver, receiving

KEY = "the-key-of-the-webhook-house"
MASTER = "any string of the tests for the master key"


@dataclass
class Post:
    """Everything a test of webhooks needs."""

    house: House
    api: httpx.AsyncClient
    receiver: Receiver
    pg: asyncpg.Connection
    jobs: JobServiceStub
    gateways: int = 0

    async def start_gateway(self) -> Process:
        """Starts a gateway that delivers; returns its process."""
        self.gateways += 1
        env = {
            "API_KEYS": KEY,
            "ENCRYPTION_KEY": MASTER,
            "SFD_EGRESS_ALLOW": "127.0.0.1",
            "SFD_WEBHOOK_SECONDS": "1.5",
        }
        return await self.house.start("gateway", env=env, name=f"gateway-{self.gateways}")

    async def hook(self, path: str, **more: Any) -> dict[str, Any]:
        """Makes a webhook to a path of the receiver, which verifies with its secret from then on."""
        answer = await self.api.post("/webhooks", json={"url": self.receiver.url(path), **more})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        self.receiver.secrets[path] = [made["secret"]]
        return made

    async def runs(self, count: int, drama: str = "") -> list[str]:
        """Submits runs that nobody works on; each has its event run.queued."""
        new = job_pb2.NewJob(step="s", kind="test.nothing", queue="nobody", input_json="{}")
        made: list[str] = []
        for start in range(0, count, 50):
            replies = await asyncio.gather(
                *(
                    self.jobs.SubmitRun(job_service_pb2.SubmitRunRequest(kind="test", drama_id=drama, jobs=[new]))
                    for _ in range(min(50, count - start))
                )
            )
            made += [reply.run.public_id for reply in replies]
        return made

    async def deliveries(self, webhook: str, **query: Any) -> list[dict[str, Any]]:
        """Returns every delivery of a webhook."""
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            params = {**query, **({"cursor": cursor} if cursor else {})}
            page = (await self.api.get(f"/webhooks/{webhook}/deliveries", params=params)).json()
            found += page["deliveries"]
            cursor = page["cursor"]
            if not cursor:
                return found

    async def hurry(self) -> None:
        """Makes whatever waits for its next try due now."""
        await self.pg.execute(
            "UPDATE webhook_deliveries SET run_after = now() WHERE state = 'queued' AND run_after > now()"
        )

    async def until(self, what: Callable[[], Awaitable[bool]], *, hurry: bool = True, seconds: float = 120) -> None:
        """Waits until something is so, with the clock of retries turned on."""
        end = time.monotonic() + seconds
        while not await what():
            assert time.monotonic() < end, "it did not come"
            if hurry:
                await self.hurry()
            await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
async def post(own_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Post]:
    """One house for a module."""
    async with (
        house(own_servers, tmp_path_factory.mktemp("post")) as made,
        receiving() as receiver,
        made.channel() as channel,
        httpx.AsyncClient(
            base_url=made.url, headers={"X-API-Key": KEY}, trust_env=False, verify=False, timeout=30
        ) as api,
    ):
        pg = await asyncpg.connect(own_servers.postgres_dsn)
        running = Post(made, api, receiver, pg, JobServiceStub(channel))
        await running.start_gateway()
        yield running
        await pg.close()


def fresh(name: str) -> str:
    """Returns a path that no other test has."""
    return f"/{name}-{uuid.uuid4().hex[:8]}"


def as_text(value: object) -> str:
    """Returns JSON."""
    return json.dumps(value, ensure_ascii=False)
