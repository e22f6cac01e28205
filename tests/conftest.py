"""Shared fixtures: one set of real servers and one house a session; no test leaves this machine."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kit.testing.house import House, house
from stack.servers import Servers

# Tests start processes while channels are open: gRPC's own handlers at a fork can end the child before it begins.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
for name in list(os.environ):
    if name.startswith(
        ("OPENAI_", "GEMINI_", "SORA_", "NANO_BANANA_", "GOOGLE_", "RUNWAY", "LUMA", "FAL_", "REPLICATE_", "VEO_")
    ):
        del os.environ[name]


@pytest.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Servers]:
    """Real Postgres, NATS and S3."""
    async with Servers(tmp_path_factory.mktemp("servers")) as running:
        yield running


@pytest.fixture(scope="module")
async def own_servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Servers]:
    """Real Postgres, NATS and S3 for one module: whoever seals secrets has a master key of its own, and needs a record of its own."""
    async with Servers(tmp_path_factory.mktemp("own-servers")) as running:
        yield running


@pytest.fixture(scope="session")
async def storage_house(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A house with storage as a real process."""
    async with house(servers, Path(tmp_path_factory.mktemp("house"))) as made:
        yield made
