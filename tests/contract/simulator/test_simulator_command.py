"""`sfd simulator` as people run it: its output is an environment, and with that environment every adapter of the house finds its vendor."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kit.providers.base import Accepted, Call, Finished, Pending
from kit.providers.catalogue import resolve
from kit.providers.fitting import FilmWish, film_price, fit
from kit.testing.processes import ROOT
from services.video.config import VideoSettings
from services.video.registry import film_vendors, operator_keys
from simulator.jsons import as_dict
from simulator.ledger import Ledger


@contextmanager
def command(ledger: Path, port: int = 0) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "cli.main",
            "simulator",
            "--port",
            str(port),
            "--ledger",
            str(ledger),
            "--film-seconds=0.2",
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def told(child: subprocess.Popen[str]) -> dict[str, str]:
    """What it prints, read as an environment file is."""
    found = {}
    assert child.stdout is not None
    for line in child.stdout:
        if not line.startswith("#"):
            name, _, value = line.strip().partition("=")
            found[name] = value
        elif "Ctrl-C" in line:
            break
    return found


async def test_every_adapter_finds_its_vendor_by_what_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = tmp_path / "new" / "ledger.jsonl"
    with command(ledger) as child:
        printed = await asyncio.to_thread(told, child)
        for name, value in printed.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("SFD_INTERNAL_SECRET", "s" * 40)
        settings = VideoSettings()
        keys, vendors = operator_keys(settings), film_vendors(settings)
        assert "" not in keys.values(), "every vendor has a key"
        assert {name: vendors[name].base_url for name in keys}.items() >= {("runway", printed["RUNWAY_API_BASE"])}
        for name in keys:
            assert vendors[name].base_url.startswith("http://127.0.0.1:"), name
            adapter = vendors[name].load()({"api_key": keys[name]}, vendors[name].base_url, 30.0)
            await adapter.check_key()
            await adapter.close()
        await one_film(settings, "runway")
        child.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(child.wait, 20) == 0
    (entry,) = Ledger(ledger).entries
    model = resolve("video", "runway").model
    assert entry["vendor"] == "runway"
    assert entry["price_nano_usd"] == film_price(model, fit(model, FilmWish("A pier at night")))
    assert as_dict(entry["job"])["prompt"] == "A pier at night"


async def one_film(settings: VideoSettings, vendor: str) -> None:
    model, about = resolve("video", vendor).model, film_vendors(settings)[vendor]
    adapter = about.load()({"api_key": operator_keys(settings)[vendor]}, about.base_url, 30.0)
    accepted = await adapter.submit(Call("sub-1", model.id, fit(model, FilmWish("A pier at night")).request()))
    assert isinstance(accepted, Accepted)
    async with asyncio.timeout(30):
        while isinstance(status := await adapter.poll(accepted.operation_id), Pending):
            await asyncio.sleep(0.05)
    assert isinstance(status, Finished)
    assert (await adapter.fetch(accepted.operation_id)).body[4:8] == b"ftyp"
    await adapter.close()


def test_it_ends_by_ctrl_c_and_says_when_its_port_is_taken(tmp_path: Path) -> None:
    with command(tmp_path / "ledger") as child:
        port = int(told(child)["RUNWAY_API_BASE"].split(":")[2].partition("/")[0])
        with command(tmp_path / "other", port) as second:
            assert second.wait(30) == 2
            assert second.stderr is not None
            assert "in use" in second.stderr.read()
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 0
