"""A house whose services answer calls and work on no job: what is accepted here is not to be made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kit.testing.house import House, house
from stack.servers import Servers


@pytest.fixture(scope="session")
async def serving(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Storage, story, imaging and video as real processes."""
    async with house(servers, Path(tmp_path_factory.mktemp("serving"))) as made:
        for service in ("story", "imaging", "video"):
            await made.start(service, "--role", "serve")
        yield made
