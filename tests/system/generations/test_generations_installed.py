"""A provider of a third party, installed as a package: it is found by its entry point, shown, and films, paid once."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from kit.testing.house import House, house
from kit.testing.processes import ROOT
from simulator.testing import RunningSimulator
from stack.servers import Servers

pytestmark = pytest.mark.system
PAGE = ROOT / "docs" / "adding-a-provider.md"
PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "acme-films"
version = "1.0"

[tool.setuptools]
py-modules = ["acme_films"]

"""


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("vendor"), video_seconds=0.3) as running:
        yield running


@pytest.fixture(scope="module")
async def installed(vendor: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package of the documentation's page, built and installed by pip."""
    text = PAGE.read_text(encoding="utf-8")
    (source,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (named,) = re.findall(r"```toml\n(\[project\.entry-points.*?)```", text, re.DOTALL)
    package, target = tmp_path_factory.mktemp("package"), tmp_path_factory.mktemp("installed")
    address = vendor.kinds_base("none_blind")
    (package / "acme_films.py").write_text(source.replace("https://films.acme.example/v1", address), encoding="utf-8")
    (package / "pyproject.toml").write_text(PROJECT + named, encoding="utf-8")
    options = ("--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check", "--quiet")
    pip = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(package)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await pip.communicate()
    assert pip.returncode == 0, out.decode()
    assert list(target.glob("acme_films-1.0.dist-info/entry_points.txt"))
    return target


@pytest.fixture(scope="module")
async def made(own_servers: Servers, installed: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    env = {"ENCRYPTION_KEY": "any string is a master key"}
    async with house(own_servers, Path(tmp_path_factory.mktemp("plugins")), env) as running:
        # Only where films are made is it installed: the gateway knows it by asking.
        path = os.pathsep.join((str(ROOT), str(ROOT / "gen"), str(installed)))
        await running.start("video", env={"PYTHONPATH": path})
        await running.start("gateway")
        yield running


async def test_an_installed_provider_is_shown_and_films_with_the_accounts_key(
    made: House, vendor: RunningSimulator
) -> None:
    async with httpx.AsyncClient(base_url=made.url, timeout=60, trust_env=False) as api:
        models = {one["id"]: one for one in (await api.get("/v1/models")).json()["data"]}
        assert models["acme/acme-film-1"]["owned_by"] == "acme"
        acme = next(one for one in (await api.get("/v1/providers")).json() if one["name"] == "acme")
        assert (acme["models"], acme["has_key"], acme["features"]["max_duration"]) == (["acme-film-1"], False, 10)
        wish = {"model": "acme-film-1", "prompt": "A pier", "duration": 4}
        assert (await api.post("/v1/usage/estimate", json=wish)).json()["estimated_cost"] == 0.148
        refused = await api.post("/v1/video/generations", json=wish)
        assert (refused.status_code, refused.json()["detail"]) == (400, "No active API key found for provider: acme")
        key = await api.post("/v1/keys", json={"provider": "acme", "api_key": "key-of-an-account-0123456789"})
        assert key.status_code == 200, key.text
        acme = next(one for one in (await api.get("/v1/providers")).json() if one["name"] == "acme")
        assert (acme["has_key"], acme["key_status"]) == (True, "active")
        record = (await api.post("/v1/video/generations", json=wish)).json()
        end = time.monotonic() + 120
        while record["status"] in ("queued", "processing"):
            assert time.monotonic() < end, record
            await asyncio.sleep(0.2)
            record = (await api.get(f"/v1/video/generations/{record['id']}")).json()
        assert record["status"] == "completed", record["error"]
        assert (record["provider"], record["resolved_model"], record["usage"]["cost"]) == (
            "acme",
            "acme/acme-film-1",
            0.148,
        )
        assert (await api.get(record["video"]["url"])).content[4:8] == b"ftyp"
        assert len(vendor.ledger()) == 1, "it was bought once"
        stats = (await api.get("/v1/usage/stats")).json()
        assert [(one["provider"], one["total_cost"]) for one in stats["by_provider"]] == [("acme", 0.148)]
