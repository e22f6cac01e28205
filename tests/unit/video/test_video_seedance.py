"""Seedance's adapter against the simulator's ModelArk over HTTP, and against hosts that answer oddly."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from kit.providers.base import (
    Accepted,
    Finished,
    KeyRefused,
    NotAccepted,
    NotSeen,
    OutcomeUnknown,
    Refused,
    VendorAway,
)
from services.video.providers.seedance import SeedanceFilmer, open_filmer
from services.video.providers.seedance_wire import mark
from simulator.jsons import as_dict
from simulator.testing import RunningSimulator
from tests.unit.video.filmers import (
    BROKEN,
    ROWS,
    Broken,
    catalogue_price,
    finished,
    legal_wishes,
    order,
    proves,
    row,
    submits,
)
from tests.unit.video.hosts import ears

MODELS = [model for model in ROWS if model.vendor == "seedance"]
KEY = "ark-test-00000001"
TWO = row("seedance", "seedance-2.0")
ROOT = "/seedance/api/v3"


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("sim"), video_seconds=0.1) as running:
        yield running


@pytest.fixture
async def filmer(vendors: RunningSimulator) -> AsyncIterator[SeedanceFilmer]:
    vendors.reset()
    made = open_filmer({"api_key": KEY}, vendors.url + ROOT, 30)
    yield made
    await made.close()


async def submitted(filmer: SeedanceFilmer, prompt: str = "A pier at night", **wish: Any) -> str:
    accepted = await filmer.submit(order(TWO, prompt, **wish))
    assert isinstance(accepted, Accepted)
    return accepted.operation_id


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"audio": False, "size": "1080x1920"},
        {"image": True},
        {"image": True, "last_frame": True},
        {"references": 3},
        {"seed": 11},
    ],
    ids=lambda wish: "-".join(wish) or "words",
)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
async def test_a_film_costs_the_tokens_that_the_vendor_counts(
    wish: dict[str, Any], model: Any, filmer: SeedanceFilmer, vendors: RunningSimulator
) -> None:
    if wish.get("references") and "references" not in model.film.modes:
        wish = {"image": True}
    call = order(model, **wish)
    accepted = await filmer.submit(call)
    assert isinstance(accepted, Accepted)
    end = await finished(filmer, accepted.operation_id)
    assert (await filmer.fetch(accepted.operation_id)).content_type == "video/mp4"
    (entry,) = vendors.ledger()
    assert accepted.operation_id.endswith(f":{entry['operation']}")
    assert isinstance(end, Finished)
    assert {"tokens": as_dict(entry["units"])["tokens"]} == end.units
    assert end.cost_nano_usd == entry["price_nano_usd"] == catalogue_price(model, **wish)


@pytest.mark.parametrize("model", [m for m in MODELS if m.film and "video" in m.film.modes], ids=lambda model: model.id)
async def test_a_film_given_as_input_is_billed_and_never_more_than_was_held(
    model: Any, filmer: SeedanceFilmer, vendors: RunningSimulator
) -> None:
    for size in model.sizes:
        accepted = await filmer.submit(order(model, video=True, size=size))
        assert isinstance(accepted, Accepted)
        end = await finished(filmer, accepted.operation_id)
        assert isinstance(end, Finished)
        assert end.cost_nano_usd == vendors.ledger()[-1]["price_nano_usd"]
        assert 0 < (end.cost_nano_usd or 0) < catalogue_price(model, video=True, size=size)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
async def test_whatever_a_row_says_is_legal_the_vendor_takes(
    model: Any, filmer: SeedanceFilmer, vendors: RunningSimulator
) -> None:
    wishes = legal_wishes(model)
    for wish in wishes:
        assert isinstance(await filmer.submit(order(model, **wish)), Accepted)
    assert [as_dict(entry["job"])["size"] for entry in vendors.ledger()] == [wish["size"] for wish in wishes]


async def test_a_film_that_cannot_be_reached_by_url_is_not_ordered(
    filmer: SeedanceFilmer, vendors: RunningSimulator
) -> None:
    with pytest.raises(NotAccepted) as raised:
        await filmer.submit(replace(order(TWO, video=True), urls={}))
    assert raised.value.reason == "file_missing"
    with pytest.raises(NotAccepted) as raised:
        await filmer.submit(replace(order(TWO, image=True), urls={}, files={}))
    assert raised.value.reason == "file_missing"
    with pytest.raises(NotAccepted) as raised:
        await filmer.submit(replace(order(TWO), model="seedance-9"))
    assert raised.value.reason == "unknown_model"
    assert submits(vendors, "seedance") == 0


@pytest.mark.parametrize("case", BROKEN, ids=str)
async def test_what_an_answer_to_a_submit_proves_and_that_it_is_sent_once(
    case: Broken, filmer: SeedanceFilmer, vendors: RunningSimulator
) -> None:
    await proves(case, filmer, vendors, order(TWO))


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (400, "InputTextSensitiveContentDetected", "model_refused"),
        (400, "InputImageSensitiveContentDetected.PrivacyInformation", "model_refused"),
        (400, "InvalidParameter", "vendor_refused"),
        (403, "AccountOverdueError", "vendor_quota"),
        (403, "AccessDenied", "vendor_key_refused"),
        (429, "SetLimitExceeded", "vendor_quota"),
        (429, "QuotaExceeded", "vendor_busy"),
        (429, "ServerOverloaded", "vendor_busy"),
    ],
)
async def test_the_vendors_own_codes(
    status: int, code: str, reason: str, filmer: SeedanceFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("status", status=status, code=code)
    with pytest.raises(NotAccepted) as raised:
        await filmer.submit(order(TWO))
    assert (raised.value.reason, raised.value.retryable) == (reason, reason == "vendor_busy")
    assert vendors.ledger() == []


async def test_keys_that_are_refused_spent_or_good(vendors: RunningSimulator) -> None:
    for key, submit_reason, check_reason in (
        ("ark-bad-key", "vendor_key_refused", "invalid_key"),
        ("ark-quota-key", "vendor_quota", "quota_exceeded"),
    ):
        filmer = SeedanceFilmer(base_url=vendors.url + ROOT, api_key=key, seconds=30)
        with pytest.raises(NotAccepted) as raised:
            await filmer.submit(order(TWO))
        assert raised.value.reason == submit_reason
        with pytest.raises(KeyRefused) as refused:
            await filmer.check_key()
        assert refused.value.reason == check_reason
        await filmer.close()
    good = SeedanceFilmer(base_url=vendors.url + ROOT, api_key=KEY, seconds=30)
    await good.check_key()
    vendors.fault("status", match={"op": "list"}, status=500)
    with pytest.raises(VendorAway):
        await good.check_key()
    await good.close()


@pytest.mark.parametrize(
    ("fault", "code", "reason", "retryable"),
    [
        ("refusal", "", "model_refused", False),
        ("fail_job", "InternalServiceError", "vendor_failed", True),
        ("fail_job", "OutputAudioSensitiveContentDetected", "model_refused", False),
        ("fail_job", "expired", "vendor_failed", True),
        ("fail_job", "cancelled", "vendor_failed", False),
    ],
)
async def test_how_a_film_can_end_without_a_film(
    fault: str, code: str, reason: str, retryable: bool, filmer: SeedanceFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault(fault, code=code)
    ended = await finished(filmer, await submitted(filmer))
    assert isinstance(ended, Refused)
    assert (ended.reason, ended.retryable, ended.charged) == (reason, retryable, False)


@pytest.mark.parametrize("status", [403, 429, 500])
async def test_a_read_that_fails_loses_nothing(status: int, filmer: SeedanceFilmer, vendors: RunningSimulator) -> None:
    operation_id = await submitted(filmer)
    vendors.fault("status", match={"op": "read"}, status=status)
    with pytest.raises(VendorAway):
        await filmer.poll(operation_id)
    assert isinstance(await finished(filmer, operation_id), Finished)
    assert submits(vendors, "seedance") == 1


async def test_a_download_that_breaks_is_tried_three_times(filmer: SeedanceFilmer, vendors: RunningSimulator) -> None:
    operation_id = await submitted(filmer)
    await finished(filmer, operation_id)
    vendors.fault("status", match={"op": "content"}, status=429)
    vendors.fault("half_body", match={"op": "content"})
    assert (await filmer.fetch(operation_id)).body
    vendors.fault("status", match={"op": "content", "times": 0}, status=500)
    with pytest.raises(VendorAway):
        await filmer.fetch(operation_id)
    assert submits(vendors, "seedance") == 1


async def test_an_expired_url_is_asked_for_again_and_a_film_that_is_gone_is_gone(
    filmer: SeedanceFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("expired_content", status=403)
    operation_id = await submitted(filmer)
    await finished(filmer, operation_id)
    assert (await filmer.fetch(operation_id)).body
    vendors.fault("expired_content", match={"op": "content", "times": 0}, status=404)
    with pytest.raises(NotAccepted) as raised:
        await filmer.fetch(operation_id)
    assert raised.value.reason == "product_gone"
    with pytest.raises(NotAccepted) as raised:
        await filmer.fetch("seedance-2.0:text:-:sound:cgt-nobody")
    assert raised.value.reason == "product_gone"
    gone = await filmer.poll("seedance-2.0:text:-:sound:cgt-nobody")
    assert isinstance(gone, Refused)
    assert (gone.reason, gone.charged) == ("operation_gone", True)
    vendors.fault("stall", seconds=60)
    with pytest.raises(VendorAway):
        await filmer.fetch(await submitted(filmer))


async def test_a_lost_film_is_found_by_its_seed(filmer: SeedanceFilmer, vendors: RunningSimulator) -> None:
    since = time.time() - 1
    call = order(TWO)
    with pytest.raises(NotSeen):
        await filmer.lookup(call, since)
    vendors.fault("cut_after")
    with pytest.raises(OutcomeUnknown):
        await filmer.submit(call)
    for n in range(3):
        await filmer.submit(replace(call, submission_id=f"another-{n}"))
    lost = vendors.ledger()[0]
    found = await filmer.lookup(call, since)
    assert found == Accepted(f"seedance-2.0:text:1280x720:sound:{lost['operation']}")
    assert isinstance(await finished(filmer, found.operation_id), Finished)
    with pytest.raises(NotSeen):
        await filmer.lookup(replace(call, submission_id="nobody"), since)
    with pytest.raises(NotSeen):
        await filmer.lookup(replace(call, model="seedance-2.0-fast"), since)
    with pytest.raises(NotSeen):
        await filmer.lookup(call, time.time() + 3600)
    # A wished seed may be another film's too, and a model that is gone from the catalogue cannot be asked about.
    assert await filmer.lookup(order(TWO, seed=mark(call)), since) is None
    assert await filmer.lookup(replace(call, model="seedance-9"), since) is None
    vendors.fault("status", match={"op": "list"}, status=500)
    with pytest.raises(VendorAway):
        await filmer.lookup(call, since)


async def test_only_a_waiting_film_is_cancelled(filmer: SeedanceFilmer, vendors: RunningSimulator) -> None:
    vendors.fault("stall", seconds=600)
    waiting = await submitted(filmer)
    await filmer.cancel(waiting)
    ended = await filmer.poll(waiting)
    assert isinstance(ended, Refused)
    assert (ended.reason, ended.retryable) == ("vendor_failed", False)
    done = await submitted(filmer)
    await finished(filmer, done)
    await filmer.cancel(done)
    assert (await filmer.fetch(done)).body, "a finished film is not deleted"


async def test_the_vendor_calls_back_with_the_task(filmer: SeedanceFilmer, vendors: RunningSimulator) -> None:
    with ears() as hooks:
        accepted = await filmer.submit(order(TWO, callback=hooks.url))
        assert isinstance(accepted, Accepted)
        assert await asyncio.to_thread(hooks.done.wait, 20)
        (note,) = hooks.heard
    assert (note["id"], note["status"]) == (vendors.ledger()[0]["operation"], "succeeded")
    assert json.dumps(note).count(KEY) == 0
