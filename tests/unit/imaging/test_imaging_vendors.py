"""The painters' adapters with the real SDKs: what each answer proves, and that every request is sent once."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

from kit.providers import http
from kit.providers.base import Accepted, Answer, Call, NotAccepted, OutcomeUnknown, Refused
from services.imaging.fitting import fit
from services.imaging.providers.gemini import GeminiPainter
from services.imaging.providers.openai import OpenAIPainter
from simulator.testing import RunningSimulator

MODELS = {"openai": "gpt-image-2.5-flare", "gemini": "gemini-nano-banana-2.1"}
SIZES = {"openai": "1024x1536", "gemini": "1K"}


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("sim")) as running:
        yield running


@pytest.fixture
async def painters(vendors: RunningSimulator) -> AsyncIterator[dict[str, OpenAIPainter | GeminiPainter]]:
    vendors.reset()
    made: dict[str, OpenAIPainter | GeminiPainter] = {
        "openai": OpenAIPainter(base_url=vendors.openai_base, api_key="sk-test-painters", seconds=30),
        "gemini": GeminiPainter(base_url=vendors.gemini_base, api_key="test-painters-key", seconds=30),
    }
    yield made
    for painter in made.values():
        await painter.close()


def order(vendor: str, *references: bytes) -> Call:
    files = {f"{number}-c": data for number, data in enumerate(references, 1)}
    request: dict[str, Any] = {
        "prompt": "A pier at night",
        "size": SIZES[vendor],
        "aspect_ratio": "9:16",
        "references": [{"name": name, "sha256": "-"} for name in files],
    }
    return Call("0199-submission", MODELS[vendor], request, files)


def picture(tmp_path: Path) -> bytes:
    path = tmp_path / "reference.png"
    Image.radial_gradient("L").convert("RGB").resize((90, 160)).save(path)
    return path.read_bytes()


@pytest.mark.parametrize("vendor", ["openai", "gemini"])
@pytest.mark.parametrize("references", [0, 3])
async def test_a_picture_is_bought_once_with_its_references_and_becomes_ours(
    vendor: str, references: int, painters: Any, vendors: RunningSimulator, tmp_path: Path
) -> None:
    answer = await painters[vendor].submit(order(vendor, *[picture(tmp_path)] * references))
    assert isinstance(answer, Answer)
    assert answer.content_type == "image/png"
    assert (fit(answer.body).width, fit(answer.body).height) == (1080, 1920)
    (entry,) = vendors.ledger()
    assert entry["submission"] == "0199-submission"
    assert entry["model"] == MODELS[vendor]
    if vendor == "openai":
        # The vendor's own units at the catalogue's prices are what the vendor bills.
        assert answer.cost_nano_usd == entry["price_nano_usd"]
    else:
        units = entry["units"]
        assert isinstance(units, dict)
        assert (units["references"], units["pixels"]) == (references, "768x1376")


@pytest.mark.parametrize("vendor", ["openai", "gemini"])
@pytest.mark.parametrize(
    ("fault", "expected", "reason", "retryable", "after", "billed"),
    [
        ({"type": "status", "status": 400}, NotAccepted, "vendor_refused", False, None, 0),
        ({"type": "status", "status": 401}, NotAccepted, "vendor_key_refused", False, None, 0),
        ({"type": "status", "status": 429, "retry_after": 7}, NotAccepted, "vendor_busy", True, 7.0, 0),
        ({"type": "status", "status": 503}, NotAccepted, "vendor_overloaded", True, None, 0),
        ({"type": "status", "status": 529}, NotAccepted, "vendor_overloaded", True, None, 0),
        ({"type": "status", "status": 500, "accepted": True}, OutcomeUnknown, "outcome_unknown", False, None, 1),
        ({"type": "status", "status": 502, "accepted": True}, OutcomeUnknown, "outcome_unknown", False, None, 1),
        ({"type": "cut_before"}, OutcomeUnknown, "outcome_unknown", False, None, 0),
        ({"type": "cut_after"}, OutcomeUnknown, "outcome_unknown", False, None, 1),
        ({"type": "half_body"}, OutcomeUnknown, "outcome_unknown", False, None, 1),
        ({"type": "malformed", "variant": "body"}, OutcomeUnknown, "outcome_unknown", False, None, 1),
        ({"type": "slow", "when": "after", "seconds": 2}, OutcomeUnknown, "outcome_unknown", False, None, 1),
    ],
    ids=lambda value: "-".join(str(v) for v in value.values()) if isinstance(value, dict) else None,
)
async def test_what_an_answer_proves(
    vendor: str,
    fault: dict[str, Any],
    expected: type[NotAccepted | OutcomeUnknown],
    reason: str,
    retryable: bool,
    after: float | None,
    billed: int,
    painters: Any,
    vendors: RunningSimulator,
) -> None:
    vendors.fault(fault["type"], **{k: v for k, v in fault.items() if k != "type"})
    painter = painters[vendor]
    if fault["type"] == "slow":
        kind, base = type(painter), vendors.openai_base if vendor == "openai" else vendors.gemini_base
        painter = kind(base_url=base, api_key="sk-test-painters", seconds=1.0)
    with pytest.raises(expected) as raised:
        await painter.submit(order(vendor))
    assert (raised.value.reason, raised.value.retryable) == (reason, retryable)
    if isinstance(raised.value, NotAccepted) and after is not None:
        assert raised.value.after == pytest.approx(after, abs=1)
    assert len(vendors.ledger()) == billed
    assert sum(count for name, count in sent(vendors).items() if name.endswith(".submit")) == 1


def sent(vendors: RunningSimulator) -> dict[str, int]:
    """Requests by operation, as the simulator has counted them."""
    requests = vendors.stats()["requests"]
    assert isinstance(requests, dict)
    return requests


@pytest.mark.parametrize("vendor", ["openai", "gemini"])
async def test_a_connection_that_is_never_made_proves_that_nothing_was_taken(vendor: str) -> None:
    kind = OpenAIPainter if vendor == "openai" else GeminiPainter
    painter = kind(base_url="http://127.0.0.1:9/v1", api_key="sk-nobody-there", seconds=1)
    with pytest.raises(NotAccepted) as raised:
        await painter.submit(order(vendor))
    assert (raised.value.reason, raised.value.retryable) == ("vendor_away", True)
    await painter.close()


@pytest.mark.parametrize("reason", ["IMAGE_SAFETY", "PROHIBITED_CONTENT", "IMAGE_RECITATION", "NO_IMAGE", "PROMPT"])
async def test_geminis_no_is_an_outcome_that_is_recorded(reason: str, painters: Any, vendors: RunningSimulator) -> None:
    vendors.fault("refusal", variant=reason)
    accepted = await painters["gemini"].submit(order("gemini"))
    assert isinstance(accepted, Accepted)
    refused = await painters["gemini"].poll(accepted.operation_id)
    assert isinstance(refused, Refused)
    assert (refused.reason, refused.charged, refused.retryable) == ("model_refused", False, False)


async def test_an_answer_without_picture_or_reason_is_unknown_and_openais_no_is_a_refusal(
    painters: Any, vendors: RunningSimulator
) -> None:
    vendors.fault("refusal", variant="OTHER")
    with pytest.raises(OutcomeUnknown):
        await painters["gemini"].submit(order("gemini"))
    vendors.fault("refusal")
    with pytest.raises(NotAccepted) as raised:
        await painters["openai"].submit(order("openai"))
    assert raised.value.reason == "model_refused"


async def test_no_client_of_a_painter_repeats_by_itself() -> None:
    painter = OpenAIPainter(base_url="http://127.0.0.1:9/v1", api_key="k", seconds=1, http=httpx2.AsyncClient())
    assert painter._client.max_retries == 0
    await painter.close()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("3", 3.0), ("0.5", 0.5), ("", None), ("soon", None), ("99999", 600.0), ("-4", 0.0), ("nan", None)],
)
def test_retry_after_in_seconds(value: str, seconds: float | None) -> None:
    assert http.retry_after({"retry-after": value}) == seconds


def test_retry_after_as_a_date_and_a_spent_quota() -> None:
    then = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 30))
    assert http.retry_after({"retry-after": then}) == pytest.approx(30, abs=3)
    spent = http.verdict(429, {"retry-after": "3"}, "pay first", "insufficient_quota")
    assert isinstance(spent, NotAccepted)
    assert (spent.reason, spent.retryable, spent.after) == ("vendor_quota", False, None)
