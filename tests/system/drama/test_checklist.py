"""The checklist's walk (`test_api.py`) against a house with every service, and against nobody."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kit.testing.house import House, free_port, house
from kit.testing.processes import ROOT
from kit.testing.production import SERVICES
from stack.servers import Servers

pytestmark = pytest.mark.system

KEY = "a-service-key-of-the-checklist"
BOXES = 17


async def walked(*arguments: str) -> tuple[int, list[str]]:
    """Returns the exit code and the lines of a walk."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "test_api.py",
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await child.communicate()
    return child.returncode or 0, out.decode().splitlines()


@pytest.fixture(scope="module")
async def whole(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """Every service, behind a gateway with a key."""
    async with house(servers, Path(tmp_path_factory.mktemp("checklist")), {"API_KEYS": KEY}) as running:
        for service in SERVICES:
            await running.start(service)
        yield running


@pytest.mark.slow
@pytest.mark.timeout(540)
async def test_every_box_holds(whole: House) -> None:
    code, lines = await walked(whole.url, KEY, "--seconds", "300")
    assert [line for line in lines[:-1] if not line.startswith("[ok]")] == []
    assert (code, lines[-1]) == (0, f"{BOXES} ok, 0 failed, 0 skipped")


async def test_a_quick_walk_writes_and_draws_nothing(whole: House) -> None:
    code, lines = await walked(whole.url, KEY, "--quick")
    assert [line for line in lines[:-1] if line.startswith("[FAIL]")] == []
    assert code == 0
    assert re.fullmatch(rf"{BOXES - 3} ok, 0 failed, 3 skipped", lines[-1])


async def test_a_wrong_key_and_nobody_are_told() -> None:
    code, lines = await walked(f"http://127.0.0.1:{free_port()}", "key", "--quick")
    assert (code, len(lines)) == (1, BOXES + 1)
    assert not any(line.startswith("[ok]") for line in lines)
    assert lines[0].startswith("[FAIL]")
    assert "does not answer" in lines[0]
