"""Callbacks over real processes: a film is finished because its vendor called back, by polling where nobody calls, and never twice.

No time is asserted. Between two polls lie ten minutes, so a film that ends at all was told of; what the vendor was asked is counted.
"""

from __future__ import annotations

import asyncio
import base64
import json
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kit.providers.catalogue import resolve
from kit.testing.house import House, house
from simulator.jsons import as_dict, as_int
from simulator.testing import RunningSimulator
from stack.servers import Servers

pytestmark = [pytest.mark.system, pytest.mark.slow]
GENERATIONS = "/v1/video/generations"
KEY = "r8_key-of-the-simulator:of-tests"
SECRET = "whsec_" + base64.b64encode(b"the secret of OpenAI's webhooks in tests").decode()
FILM_SECONDS = 4.0
LOOKS = {"replicate": 3, "fal": 4, "openai": 2, "minimax": 3}
"""Reads of a film that is looked at right after it was taken and once more when it is done, with those that the fetch needs."""


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("vendor"), video_seconds=FILM_SECONDS, with_sora=True) as running:
        yield running


@pytest.fixture(scope="module")
async def made(
    own_servers: Servers, vendor: RunningSimulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    asked = urllib.request.Request(
        f"{vendor.url}/replicate/v1/webhooks/default/secret", headers={"authorization": f"Bearer {KEY}"}
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        replicate_secret = json.load(answer)["key"]
    env = {
        "SORA_API_BASE": vendor.openai_base,
        "SORA_API_KEY": KEY,
        "OPENAI_WEBHOOK_SECRET": SECRET,
        "FAL_API_BASE": f"{vendor.url}/fal",
        "FAL_KEY": KEY,
        "REPLICATE_API_BASE": f"{vendor.url}/replicate",
        "REPLICATE_API_TOKEN": KEY,
        "MINIMAX_API_BASE": f"{vendor.url}/minimax",
        "MINIMAX_API_KEY": KEY,
        "FAL_JWKS_URL": f"{vendor.url}/fal/.well-known/jwks.json",
        "REPLICATE_WEBHOOK_SECRET": replicate_secret,
        "SFD_VENDOR_CALLBACKS": "true",
        "ENCRYPTION_KEY": "a master key of these tests",
        "SFD_CALLBACK_POLL_SECONDS": "600",
    }
    async with house(own_servers, Path(tmp_path_factory.mktemp("callbacks")), env) as running:
        for service in ("video", "gateway"):
            await running.start(service)
        vendor.webhook(f"{running.url}/v1/hooks/openai", SECRET)
        yield running


@pytest.fixture
async def rest(made: House) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=made.url, timeout=60, trust_env=False) as client:
        yield client


async def begun(rest: httpx.AsyncClient, name: str) -> str:
    wish = {"model": f"{name}/{resolve('video', name).model.id}", "prompt": f"A pier at {name}", "duration": 5}
    if name == "openai":
        wish |= {"model": "sora-2", "duration": 4, "aspect_ratio": "9:16"}
    answer = await rest.post(GENERATIONS, json=wish)
    assert answer.status_code == 200, answer.text
    assert answer.json()["provider"] == name
    return str(answer.json()["id"])


async def ended(rest: httpx.AsyncClient, name: str) -> dict[str, Any]:
    """The record of a film that has ended; waits far less than the time between two polls."""
    async with asyncio.timeout(240):
        while True:
            record: dict[str, Any] = (await rest.get(f"{GENERATIONS}/{name}")).json()
            if record["status"] not in ("queued", "processing"):
                return record
            await asyncio.sleep(0.2)


def count(vendor: RunningSimulator, name: str, op: str) -> int:
    return as_int(as_dict(vendor.stats()["requests"]).get(f"{name}.video.{op}"), 0)


def answers(vendor: RunningSimulator) -> dict[str, Any]:
    return as_dict(vendor.stats()["callbacks"])


async def told(vendor: RunningSimulator, wanted: dict[str, int]) -> None:
    """Waits until the callbacks were answered so, and as often."""
    async with asyncio.timeout(60):
        while answers(vendor) != wanted:
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("name", ["replicate", "fal", "openai", "minimax"])
async def test_a_film_is_fetched_because_its_vendor_called_back(
    rest: httpx.AsyncClient, vendor: RunningSimulator, name: str
) -> None:
    vendor.reset()
    record = await ended(rest, await begun(rest, name))
    assert record["status"] == "completed", record
    await told(vendor, {f"{name}.200": 1})
    assert (count(vendor, name, "submit"), count(vendor, name, "read")) == (1, LOOKS[name])
    assert count(vendor, name, "content") == 1


@pytest.mark.parametrize("name", ["replicate", "fal", "openai", "minimax"])
@pytest.mark.parametrize("fault", ["duplicate_webhook", "early_webhook", "out_of_order_webhook", "late_webhook"])
async def test_callbacks_that_come_twice_early_late_or_in_disorder_do_nothing_twice(
    rest: httpx.AsyncClient, vendor: RunningSimulator, name: str, fault: str
) -> None:
    vendor.reset()
    vendor.fault(fault, match={"vendor": name}, seconds=1.0)
    record = await ended(rest, await begun(rest, name))
    assert record["status"] == "completed", record
    times = {"duplicate_webhook": 3, "late_webhook": 1}.get(fault, 2)
    await told(vendor, {f"{name}.200": times})
    # A callback that comes while its worker looks makes it look once more, and no film is fetched or paid again.
    assert LOOKS[name] <= count(vendor, name, "read") <= LOOKS[name] + 2
    assert (count(vendor, name, "submit"), count(vendor, name, "content")) == (1, 1)
    assert len(vendor.ledger()) == 1
    again = (await rest.get(f"{GENERATIONS}/{record['id']}")).json()
    assert again == record


async def test_a_forged_callback_does_not_end_the_wait_and_a_true_one_does(
    rest: httpx.AsyncClient, vendor: RunningSimulator
) -> None:
    vendor.reset()
    vendor.fault("forged_webhook", match={"vendor": "fal"})
    name = await begun(rest, "fal")
    await told(vendor, {"fal.401": 1})
    record = (await rest.get(f"{GENERATIONS}/{name}")).json()
    assert (record["status"], count(vendor, "fal", "read")) == ("processing", 1)
    assert (await rest.post(f"{GENERATIONS}/{name}/cancel")).status_code == 200
    assert (await ended(rest, name))["status"] == "cancelled"


@pytest.mark.parametrize("name", ["fal", "minimax"])
async def test_a_lost_call_of_a_vendor_without_lists_is_found_by_its_callback(
    rest: httpx.AsyncClient, vendor: RunningSimulator, name: str
) -> None:
    vendor.reset()
    vendor.fault("cut_after", match={"vendor": name})
    record = await ended(rest, await begun(rest, name))
    assert record["status"] == "completed", record
    assert (count(vendor, name, "submit"), len(vendor.ledger()), answers(vendor)) == (1, 1, {f"{name}.200": 1})


async def test_a_callback_that_comes_while_no_worker_lives_is_not_lost(
    made: House, rest: httpx.AsyncClient, vendor: RunningSimulator
) -> None:
    vendor.reset()
    name = await begun(rest, "fal")
    async with asyncio.timeout(60):
        while not count(vendor, "fal", "read"):
            await asyncio.sleep(0.05)
    made.processes["video"].kill9()
    await told(vendor, {"fal.200": 1})
    await made.start_again("video")
    record = await ended(rest, name)
    assert record["status"] == "completed", record
    assert count(vendor, "fal", "read") <= LOOKS["fal"] + 1
    assert (count(vendor, "fal", "submit"), len(vendor.ledger())) == (1, 1)


async def test_of_a_users_own_key_the_url_is_the_proof(rest: httpx.AsyncClient, vendor: RunningSimulator) -> None:
    """Replicate signs with the secret of the user's account, which this house does not know."""
    vendor.reset()
    kept = await rest.post("/v1/keys", json={"provider": "replicate", "api_key": "r8_a-users-own-key-of-the-tests"})
    assert kept.status_code == 200, kept.text
    record = await ended(rest, await begun(rest, "replicate"))
    assert record["status"] == "completed", record
    await told(vendor, {"replicate.200": 1})
    assert count(vendor, "replicate", "read") == LOOKS["replicate"]
    assert len({entry["key_tail_sha"] for entry in vendor.ledger()}) == 1
    assert (await rest.delete(f"/v1/keys/{kept.json()['id']}")).status_code == 200


async def test_without_callbacks_films_end_by_polling(
    made: House, rest: httpx.AsyncClient, vendor: RunningSimulator
) -> None:
    made.processes["video"].stop()
    await made.start("video", env={"SFD_CALLBACK_POLL_SECONDS": "1"})
    for fault, heard in (("no_webhook", {}), ("forged_webhook", {"401": 1})):
        for name in LOOKS:
            vendor.reset()
            vendor.fault(fault, match={"vendor": name})
            record = await ended(rest, await begun(rest, name))
            assert record["status"] == "completed", record
            await told(vendor, {f"{name}.{status}": times for status, times in heard.items()})
            assert count(vendor, name, "read") > LOOKS[name]
            assert count(vendor, name, "submit") == 1
