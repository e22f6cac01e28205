"""Veo's adapter against the simulator: its wire, how films end, what answers prove, and where the key goes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from kit.providers.base import (
    Call,
    Finished,
    KeyRefused,
    NotAccepted,
    OutcomeUnknown,
    Pending,
    Refused,
    VendorAway,
)
from services.video.providers.veo import VeoFilmer, open_filmer
from simulator.jsons import as_dict
from simulator.testing import RunningSimulator
from tests.unit.video.films import SUBMISSION, accepted, ended, fitted, requests

KEY = "AIza-test-veo-key"


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("sim"), video_seconds=0.1) as running:
        yield running


@pytest.fixture
async def filmer(vendors: RunningSimulator) -> AsyncIterator[VeoFilmer]:
    vendors.reset()
    made = open_filmer({"api_key": KEY}, vendors.gemini_base, 30)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("model", "wish", "units"),
    [
        ("", {}, {"seconds": 6, "size": "720x1280"}),
        ("veo-3.1", {"size": "1920x1080", "seconds": 4}, {"seconds": 8, "size": "1920x1080"}),
        ("veo-3.1-fast", {"size": "2160x3840"}, {"seconds": 8, "size": "2160x3840"}),
        ("veo-3.1-lite", {"image": True, "seconds": 4}, {"seconds": 4, "pictures": 1}),
        ("veo-3.1", {"image": True, "last_frame": True, "seed": 5}, {"pictures": 2}),
        ("veo-3.1", {"references": 3, "negative_prompt": "rain"}, {"seconds": 8, "references": 3}),
    ],
)
async def test_a_film_is_bought_once_followed_and_fetched(
    model: str, wish: dict[str, Any], units: dict[str, Any], filmer: VeoFilmer, vendors: RunningSimulator
) -> None:
    call, price = fitted("gemini", model, **wish)
    operation = await accepted(filmer, call)
    assert isinstance(await ended(filmer, operation), Finished)
    film = await filmer.fetch(operation)
    assert film.content_type == "video/mp4"
    (entry,) = vendors.ledger()
    assert entry["submission"] == SUBMISSION
    assert units.items() <= as_dict(entry["units"]).items()
    assert entry["price_nano_usd"] == price
    assert requests(vendors)["gemini.video.submit"] == 1


async def test_a_film_in_the_making_is_asked_for_at_the_pace_of_the_documentation(
    filmer: VeoFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("stall", seconds=30)
    operation = await accepted(filmer, fitted("gemini")[0])
    assert await filmer.poll(operation) == Pending(after=10.0)
    with pytest.raises(VendorAway):
        await filmer.fetch(operation)


@pytest.mark.parametrize(
    ("fault", "reason", "retryable", "price"),
    [
        ({"type": "refusal"}, "model_refused", False, 0),
        ({"type": "refusal", "variant": "ERROR"}, "model_refused", False, 0),
        ({"type": "fail_job"}, "vendor_failed", True, 0),
    ],
    ids=["held back", "refused late", "failed"],
)
async def test_how_a_film_ends_without_a_film(
    fault: dict[str, Any], reason: str, retryable: bool, price: int, filmer: VeoFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault(**fault)
    operation = await accepted(filmer, fitted("gemini")[0])
    status = await ended(filmer, operation)
    assert isinstance(status, Refused)
    assert (status.reason, status.retryable, status.charged) == (reason, retryable, False)
    assert vendors.ledger()[0]["price_nano_usd"] == price
    with pytest.raises(NotAccepted) as raised:
        await filmer.fetch(operation)
    assert raised.value.reason == "product_gone"


@pytest.mark.parametrize(
    ("fault", "expected", "reason", "after"),
    [
        ({"type": "status", "status": 400}, NotAccepted, "vendor_refused", None),
        ({"type": "status", "status": 400, "message": "It violates our policies."}, NotAccepted, "model_refused", None),
        ({"type": "status", "status": 429, "retry_after": 7}, NotAccepted, "vendor_busy", 7),
        ({"type": "status", "status": 429, "message": "Quota exceeded, limit: 0"}, NotAccepted, "vendor_quota", None),
        ({"type": "status", "status": 503}, NotAccepted, "vendor_overloaded", None),
        ({"type": "status", "status": 500, "accepted": True}, OutcomeUnknown, "outcome_unknown", None),
        ({"type": "status", "status": 502, "accepted": True}, OutcomeUnknown, "outcome_unknown", None),
        ({"type": "cut_before"}, OutcomeUnknown, "outcome_unknown", None),
        ({"type": "cut_after"}, OutcomeUnknown, "outcome_unknown", None),
        ({"type": "half_body"}, OutcomeUnknown, "outcome_unknown", None),
        ({"type": "malformed", "variant": "body"}, OutcomeUnknown, "outcome_unknown", None),
    ],
    ids=lambda value: "-".join(str(v) for v in value.values()) if isinstance(value, dict) else None,
)
async def test_what_an_answer_to_a_submit_proves_and_that_it_is_sent_once(
    fault: dict[str, Any],
    expected: type[NotAccepted | OutcomeUnknown],
    reason: str,
    after: float | None,
    filmer: VeoFilmer,
    vendors: RunningSimulator,
) -> None:
    vendors.fault(**fault)
    with pytest.raises(expected) as raised:
        await filmer.submit(fitted("gemini")[0])
    assert raised.value.reason == reason
    assert getattr(raised.value, "after", None) == after
    assert requests(vendors)["gemini.video.submit"] == 1
    assert await filmer.lookup(fitted("gemini")[0], 0) is None


async def test_a_host_that_is_not_there_has_taken_nothing() -> None:
    away = open_filmer({"api_key": KEY}, "http://127.0.0.1:9", 1)
    with pytest.raises(NotAccepted) as raised:
        await away.submit(fitted("gemini")[0])
    assert (raised.value.reason, raised.value.retryable) == ("vendor_away", True)
    with pytest.raises(VendorAway):
        await away.poll("models/veo-3.1-generate-preview/operations/x")
    with pytest.raises(VendorAway):
        await away.check_key()
    await away.cancel("models/veo-3.1-generate-preview/operations/x")
    await away.close()


@pytest.mark.parametrize("status", [403, 429, 500])
async def test_a_read_that_fails_loses_nothing(status: int, filmer: VeoFilmer, vendors: RunningSimulator) -> None:
    operation = await accepted(filmer, fitted("gemini")[0])
    assert isinstance(await ended(filmer, operation), Finished)
    vendors.fault("status", match={"op": "read"}, status=status)
    before = requests(vendors)["gemini.video.read"]
    with pytest.raises(VendorAway):
        await filmer.poll(operation)
    assert requests(vendors)["gemini.video.read"] == int(str(before)) + 1
    assert isinstance(await filmer.poll(operation), Finished)


async def test_an_expired_url_is_asked_for_again_and_a_film_that_is_gone_is_gone(
    filmer: VeoFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("expired_content")
    operation = await accepted(filmer, fitted("gemini")[0])
    await ended(filmer, operation)
    assert (await filmer.fetch(operation)).body
    vendors.fault("half_body", match={"op": "content"})
    assert (await filmer.fetch(operation)).body
    vendors.fault("expired_content", seconds=9)
    gone = await accepted(filmer, fitted("gemini")[0])
    await ended(filmer, gone)
    with pytest.raises(NotAccepted) as raised:
        await filmer.fetch(gone)
    assert raised.value.reason == "product_gone"
    assert requests(vendors)["gemini.video.submit"] == 2
    nobody = await filmer.poll("models/veo-3.1-generate-preview/operations/nobody")
    assert isinstance(nobody, Refused)
    assert nobody.reason == "operation_gone"


async def test_the_key_goes_to_googles_own_host_only(vendors: RunningSimulator) -> None:
    """The file's URI leads on to another host; what is sent there is looked at here."""
    vendors.reset()
    sent: list[tuple[str, bool]] = []

    async def note(request: httpx2.Request) -> None:
        sent.append((request.url.host, KEY in str(request.headers.raw) or KEY in str(request.url)))

    async with httpx2.AsyncClient(event_hooks={"request": [note]}, trust_env=False) as http:
        filmer = VeoFilmer(base_url=vendors.gemini_base, api_key=KEY, seconds=10, http=http)
        operation = await accepted(filmer, fitted("gemini")[0])
        await ended(filmer, operation)
        assert (await filmer.fetch(operation)).body
    assert {host for host, _ in sent} == {"127.0.0.1", "localhost"}
    assert all(with_key == (host == "127.0.0.1") for host, with_key in sent)


@pytest.mark.parametrize(("key", "reason"), [("AIza-bad-one", "invalid_key"), ("AIza-quota-gone", "quota_exceeded")])
async def test_a_key_that_does_not_work_is_told_without_paying(
    key: str, reason: str, vendors: RunningSimulator
) -> None:
    vendors.reset()
    filmer = open_filmer({"api_key": key}, vendors.gemini_base, 10)
    with pytest.raises(KeyRefused) as raised:
        await filmer.check_key()
    assert raised.value.reason == reason
    with pytest.raises(NotAccepted) as refused:
        await filmer.submit(fitted("gemini")[0])
    assert refused.value.reason == ("vendor_key_refused" if reason == "invalid_key" else "vendor_busy")
    assert key not in f"{raised.value} {refused.value}"
    assert vendors.ledger() == []
    await filmer.close()


async def test_a_good_key_works_and_a_failing_host_tells_nothing(filmer: VeoFilmer, vendors: RunningSimulator) -> None:
    await filmer.check_key()
    vendors.fault("status", match={"op": "models"}, status=500)
    with pytest.raises(VendorAway):
        await filmer.check_key()


async def test_what_google_does_not_take_is_its_refusal_and_costs_nothing(
    filmer: VeoFilmer, vendors: RunningSimulator
) -> None:
    call, _ = fitted("gemini")
    for request in (
        {"seconds": 5},
        {"size": "1080x1920", "seconds": 4},
        {"size": "720x720", "resolution": "x", "seconds": 7},
    ):
        with pytest.raises(NotAccepted) as raised:
            await filmer.submit(replace(call, request={**call.request, **request}))
        assert raised.value.reason == "vendor_refused"
    with pytest.raises(NotAccepted) as missing:
        await filmer.submit(Call("s", "veo-3.1", {**call.request, "mode": "image"}))
    assert missing.value.reason == "picture_missing"
    assert vendors.ledger() == []
