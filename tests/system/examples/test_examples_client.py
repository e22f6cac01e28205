"""The example client as a person runs it: a process against running services."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

from kit.testing.house import House, house
from kit.testing.processes import ROOT
from simulator.testing import RunningSimulator
from stack.servers import Servers

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    # Its pictures cost no time, so that the run takes the time of the jobs only.
    with RunningSimulator(tmp_path_factory.mktemp("vendor"), latency=0.02) as running:
        yield running


@pytest.fixture(scope="module")
async def services(
    servers: Servers, vendor: RunningSimulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    env = {"OPENAI_API_BASE": vendor.openai_base, "OPENAI_API_KEY": "sk-test-key-of-the-simulator"}
    async with house(servers, tmp_path_factory.mktemp("examples"), env) as made:
        for name in ("story", "imaging"):
            await made.start(name)
        yield made


async def client(house: House, *arguments: str) -> tuple[int, str]:
    """Runs the example; returns its exit code and what it printed."""
    names = ("SFD_INTERNAL_SECRET", "SFD_STORAGE_ADDR", "SFD_STORY_ADDR")
    env = {**os.environ, **{name: house.env[name] for name in names}}
    env["PYTHONPATH"] = f"{ROOT}{os.pathsep}{ROOT / 'gen'}"
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "examples/client.py"), *arguments),
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert child.stdout is not None
    lines: list[str] = []
    try:
        async with asyncio.timeout(150):
            async for line in child.stdout:
                lines.append(line.decode())
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
        pytest.fail("the client did not end:\n" + "".join(lines))
    return child.returncode or 0, "".join(lines)


async def test_one_run_to_its_end(services: House) -> None:
    code, text = await client(services, "A baker in Busan inherits a lighthouse. 1 episode", "--painter", "openai")
    assert code == 0, text
    for event in ("run.queued", "run.running", "job.succeeded  generate", "run.succeeded"):
        assert event in text
    positions = [int(found) for found in re.findall(r"^ *(\d+)  (?:run|job)\.", text, re.MULTILINE)]
    assert positions == sorted(set(positions))
    portraits = re.findall(r"^  \S.* (http://\S+/media/[0-9a-f]{32}\.\w+)$", text, re.MULTILINE)
    assert len(portraits) >= 4
    assert "(no portrait)" not in text
    assert re.search(r"^  cover +http://", text, re.MULTILINE)


async def test_one_run_cancelled(services: House) -> None:
    # The local painter takes far longer than the wait, so there is something to cancel.
    code, text = await client(services, "Two bakers in Lyon swap lives. 1 episode", "--cancel-after", "0.2")
    assert code == 0, text
    assert "run.cancelled" in text
    assert re.search(r"^cancelled: \d+ of \d+ steps$", text, re.MULTILINE)
    assert "cover" not in text.splitlines()[-1]


async def test_a_refusal_is_told_in_words(services: House) -> None:
    code, text = await client(services, "   ")
    assert code == 1
    assert "premise" in text
    assert "Traceback" not in text
