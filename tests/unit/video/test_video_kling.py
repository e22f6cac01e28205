"""Kling's adapter against the simulator over HTTP: both protocols, both kinds of keys."""

from __future__ import annotations

import asyncio
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
    Pending,
    Refused,
    VendorAway,
)
from services.video.providers.kling import KlingFilmer, open_filmer
from simulator.jsons import as_dict
from simulator.testing import RunningSimulator
from tests.unit.video.filmers import (
    BROKEN,
    ROWS,
    SUBMISSION,
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

MODELS = [model for model in ROWS if model.vendor == "kling"]
CLASSIC = [model for model in MODELS if model.film and model.film.protocol == "classic"]
ACCESS = "kling-access-0123456789abcdefghij"
SECRET = f"{ACCESS}-secret"
PAIR = f"{ACCESS}:{SECRET}"
KEY = "kling-api-key-000001"
V3 = row("kling", "kling-v3")
TURBO = row("kling", "kling-3.0-turbo")
FOUR = row("kling", "kling-4.0")


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("sim"), video_seconds=0.1) as running:
        yield running


@pytest.fixture(params=[KEY, PAIR], ids=["api-key", "signed"])
async def filmer(request: pytest.FixtureRequest, vendors: RunningSimulator) -> AsyncIterator[KlingFilmer]:
    """The classic protocol takes both kinds of keys."""
    vendors.reset()
    made = open_filmer({"api_key": request.param}, f"{vendors.url}/kling", 30)
    yield made
    await made.close()


@pytest.fixture
async def bearer(vendors: RunningSimulator) -> AsyncIterator[KlingFilmer]:
    """The newer protocol takes API keys alone."""
    vendors.reset()
    made = open_filmer({"api_key": KEY}, f"{vendors.url}/kling", 30)
    yield made
    await made.close()


async def submitted(filmer: KlingFilmer, model: Any = V3, prompt: str = "A pier at night", **wish: Any) -> str:
    accepted = await filmer.submit(order(model, prompt, **wish))
    assert isinstance(accepted, Accepted)
    return accepted.operation_id


@pytest.mark.parametrize("wish", [{}, {"audio": False, "ratio": "9:16"}, {"image": True}], ids=lambda w: "-".join(w))
async def test_a_film_is_bought_once_followed_and_fetched(
    wish: dict[str, Any], filmer: KlingFilmer, vendors: RunningSimulator
) -> None:
    operation_id = await submitted(filmer, **wish)
    end = await finished(filmer, operation_id)
    assert isinstance(end, Finished)
    assert (await filmer.fetch(operation_id)).content_type == "video/mp4"
    (entry,) = vendors.ledger()
    assert operation_id.endswith(f":kling-v3:{entry['operation']}")
    assert end.units == {"units": as_dict(entry["units"])["units"]}
    assert end.cost_nano_usd is None, "what a unit costs depends on the pack"
    assert entry["price_nano_usd"] == catalogue_price(V3, **wish)
    assert as_dict(entry["job"])["reference"] == SUBMISSION


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
async def test_whatever_a_row_says_is_legal_the_vendor_takes(
    model: Any, bearer: KlingFilmer, vendors: RunningSimulator
) -> None:
    for n, wish in enumerate(legal_wishes(model)):
        call = order(model, **wish)
        accepted = await bearer.submit(replace(call, submission_id=f"film-{n}"))
        assert isinstance(accepted, Accepted)
        entry = vendors.ledger()[-1]
        assert entry["price_nano_usd"] == catalogue_price(model, **wish)
        if wish["size"]:
            assert as_dict(entry["job"])["size"] == wish["size"]


@pytest.mark.parametrize("model", [TURBO, FOUR], ids=lambda model: model.id)
async def test_a_film_of_the_newer_protocol(model: Any, bearer: KlingFilmer, vendors: RunningSimulator) -> None:
    wishes: list[dict[str, Any]] = [{}, {"image": True}]
    for wish in wishes:
        operation_id = await submitted(bearer, model, **wish)
        assert isinstance(await finished(bearer, operation_id), Finished)
        assert (await bearer.fetch(operation_id)).body
        vendors.reset()


async def test_a_key_that_signs_buys_nothing_of_the_newer_protocol(vendors: RunningSimulator) -> None:
    vendors.reset()
    signed = KlingFilmer(base_url=f"{vendors.url}/kling", api_key=PAIR, seconds=30)
    with pytest.raises(NotAccepted) as raised:
        await signed.submit(order(TURBO))
    assert raised.value.reason == "vendor_key_refused"
    with pytest.raises(VendorAway):
        await signed.poll("tasks:kling-3.0-turbo:kling-3.0-turbo:1")
    with pytest.raises(VendorAway):
        await signed.lookup(order(TURBO), 0)
    assert submits(vendors, "kling") == 0
    await signed.close()


async def test_a_picture_without_a_url_is_not_ordered(bearer: KlingFilmer, vendors: RunningSimulator) -> None:
    for call in (replace(order(TURBO, image=True), urls={}), replace(order(V3, image=True), urls={}, files={})):
        with pytest.raises(NotAccepted) as raised:
            await bearer.submit(call)
        assert raised.value.reason == "file_missing"
    assert submits(vendors, "kling") == 0


@pytest.mark.parametrize("model", [V3, TURBO], ids=["classic", "newer"])
@pytest.mark.parametrize("case", BROKEN, ids=str)
async def test_what_an_answer_to_a_submit_proves_and_that_it_is_sent_once(
    case: Broken, model: Any, bearer: KlingFilmer, vendors: RunningSimulator
) -> None:
    await proves(case, bearer, vendors, order(model))


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (401, 1000, "vendor_key_refused"),
        (429, 1100, "vendor_key_refused"),
        (429, 1101, "vendor_quota"),
        (429, 1102, "vendor_quota"),
        (403, 1103, "vendor_key_refused"),
        (400, 1200, "vendor_refused"),
        (404, 1202, "vendor_refused"),
        (400, 1300, "model_refused"),
        (400, 1301, "model_refused"),
        (429, 1302, "vendor_busy"),
        (429, 1303, "vendor_busy"),
        (429, 1304, "vendor_key_refused"),
        (503, 5001, "vendor_overloaded"),
    ],
)
async def test_the_vendors_own_codes(
    status: int, code: int, reason: str, bearer: KlingFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("status", status=status, code=str(code))
    with pytest.raises(NotAccepted) as raised:
        await bearer.submit(order(V3))
    assert raised.value.reason == reason
    assert raised.value.retryable is (reason in ("vendor_busy", "vendor_overloaded"))
    assert vendors.ledger() == []


@pytest.mark.parametrize("code", [5000, 5002])
async def test_an_error_inside_the_vendor_proves_nothing_and_the_list_tells(
    code: int, filmer: KlingFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("status", status=500, code=str(code), accepted=True)
    with pytest.raises(OutcomeUnknown):
        await filmer.submit(order(V3))
    found = await filmer.lookup(order(V3), time.time() - 5)
    assert found == Accepted(f"classic:text2video:kling-v3:{vendors.ledger()[0]['operation']}")


async def test_a_token_that_is_not_taken_is_made_anew_once(vendors: RunningSimulator) -> None:
    vendors.reset()
    signed = KlingFilmer(base_url=f"{vendors.url}/kling", api_key=PAIR, seconds=30)
    vendors.fault("status", status=401, code="1004")
    operation_id = await submitted(signed)
    assert submits(vendors, "kling") == 2
    assert len(vendors.ledger()) == 1
    vendors.fault("status", match={"op": "read"}, status=401, code="1004")
    assert isinstance(await finished(signed, operation_id), Finished)
    vendors.fault("status", match={"times": 0}, status=401, code="1000")
    with pytest.raises(NotAccepted) as raised:
        await signed.submit(order(V3))
    assert raised.value.reason == "vendor_key_refused"
    assert submits(vendors, "kling") == 4, "twice, and not for ever"
    assert len(vendors.ledger()) == 1
    await signed.close()


@pytest.mark.parametrize(
    ("key", "check_reason", "submit_reason"),
    [
        ("kling-bad-key", "invalid_key", "vendor_key_refused"),
        ("kling-quota-key", "quota_exceeded", "vendor_quota"),
        (f"{ACCESS}:another-secret-0123456789abcdefghij", "invalid_key", "vendor_key_refused"),
        (f"bad-{ACCESS}:bad-{ACCESS}-secret", "invalid_key", "vendor_key_refused"),
    ],
)
async def test_keys_that_are_refused_or_spent(
    key: str, check_reason: str, submit_reason: str, vendors: RunningSimulator
) -> None:
    vendors.reset()
    filmer = KlingFilmer(base_url=f"{vendors.url}/kling", api_key=key, seconds=30)
    with pytest.raises(KeyRefused) as refused:
        await filmer.check_key()
    assert refused.value.reason == check_reason
    with pytest.raises(NotAccepted) as raised:
        await filmer.submit(order(V3))
    assert raised.value.reason == submit_reason
    await filmer.close()


async def test_a_good_key_is_read_without_paying(filmer: KlingFilmer, vendors: RunningSimulator) -> None:
    await filmer.check_key()
    for status in (429, 500):
        vendors.fault("status", match={"op": "models"}, status=status)
        with pytest.raises(VendorAway):
            await filmer.check_key()
    assert vendors.ledger() == []


@pytest.mark.parametrize("model", [V3, TURBO], ids=["classic", "newer"])
@pytest.mark.parametrize(
    ("fault", "message", "reason", "retryable"),
    [
        ("refusal", "Failure to pass the risk control system", "model_refused", False),
        ("fail_job", "", "vendor_failed", True),
    ],
)
async def test_how_a_film_can_end_without_a_film(
    fault: str, message: str, reason: str, retryable: bool, model: Any, bearer: KlingFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault(fault, message=message)
    ended = await finished(bearer, await submitted(bearer, model))
    assert isinstance(ended, Refused)
    assert (ended.reason, ended.retryable, ended.charged) == (reason, retryable, False)


@pytest.mark.parametrize("model", [V3, TURBO], ids=["classic", "newer"])
async def test_a_read_that_fails_loses_nothing(model: Any, bearer: KlingFilmer, vendors: RunningSimulator) -> None:
    operation_id = await submitted(bearer, model)
    vendors.fault("status", match={"op": "read"}, status=429, retry_after=9)
    assert await bearer.poll(operation_id) == Pending(after=9)
    vendors.fault("status", match={"op": "read"}, status=429, code="1303")
    assert isinstance(await bearer.poll(operation_id), Pending)
    for status in (403, 500, 502):
        vendors.fault("status", match={"op": "read"}, status=status)
        with pytest.raises(VendorAway):
            await bearer.poll(operation_id)
    assert isinstance(await finished(bearer, operation_id), Finished)
    vendors.fault("status", match={"op": "read"}, status=429)
    with pytest.raises(VendorAway):
        await bearer.fetch(operation_id)
    vendors.fault("half_body", match={"op": "content"})
    assert (await bearer.fetch(operation_id)).body
    assert submits(vendors, "kling") == 1


@pytest.mark.parametrize("model", [V3, TURBO], ids=["classic", "newer"])
async def test_an_expired_url_is_asked_for_again_and_a_film_that_is_gone_is_gone(
    model: Any, bearer: KlingFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("expired_content", status=403)
    operation_id = await submitted(bearer, model)
    await finished(bearer, operation_id)
    assert (await bearer.fetch(operation_id)).body
    vendors.fault("expired_content", match={"op": "content", "times": 0}, status=410)
    with pytest.raises(NotAccepted) as raised:
        await bearer.fetch(operation_id)
    assert raised.value.reason == "product_gone"
    nobody = f"{operation_id.rpartition(':')[0]}:1"
    with pytest.raises(NotAccepted) as raised:
        await bearer.fetch(nobody)
    assert raised.value.reason == "product_gone"
    gone = await bearer.poll(nobody)
    assert isinstance(gone, Refused)
    assert (gone.reason, gone.charged) == ("operation_gone", True)
    vendors.reset()
    vendors.fault("stall", seconds=60)
    with pytest.raises(VendorAway):
        await bearer.fetch(await submitted(bearer, model))


@pytest.mark.parametrize("wish", [{}, {"image": True}], ids=["text2video", "image2video"])
async def test_a_lost_film_is_found_by_our_id(
    wish: dict[str, Any], filmer: KlingFilmer, vendors: RunningSimulator
) -> None:
    since, call = time.time() - 1, order(V3, **wish)
    with pytest.raises(NotSeen):
        await filmer.lookup(call, since)
    vendors.fault("cut_after")
    with pytest.raises(OutcomeUnknown):
        await filmer.submit(call)
    await filmer.submit(replace(call, submission_id="another"))
    found = await filmer.lookup(call, since)
    assert found is not None
    assert found.operation_id.endswith(f":{vendors.ledger()[0]['operation']}")
    assert isinstance(await finished(filmer, found.operation_id), Finished)
    with pytest.raises(NotSeen):
        await filmer.lookup(replace(call, submission_id="nobody"), since)
    assert await filmer.lookup(replace(call, model="kling-9"), since) is None
    for status in (429, 500):
        vendors.fault("status", match={"op": "list"}, status=status)
        with pytest.raises(VendorAway):
            await filmer.lookup(call, since)
    vendors.fault("status", match={"op": "list"}, status=404)
    assert await filmer.lookup(call, since) is None


async def test_a_lost_film_of_the_newer_protocol(bearer: KlingFilmer, vendors: RunningSimulator) -> None:
    with pytest.raises(NotSeen):
        await bearer.lookup(order(TURBO), 0)
    vendors.fault("cut_after")
    with pytest.raises(OutcomeUnknown):
        await bearer.submit(order(TURBO))
    found = await bearer.lookup(order(TURBO), 0)
    assert found == Accepted(f"tasks:kling-3.0-turbo:kling-3.0-turbo:{vendors.ledger()[0]['operation']}")
    # 4.0 takes no id of ours: nobody can tell.
    assert await bearer.lookup(order(FOUR), 0) is None
    vendors.fault("status", match={"op": "read"}, status=500)
    with pytest.raises(VendorAway):
        await bearer.lookup(order(TURBO), 0)
    vendors.fault("status", match={"op": "read"}, status=400)
    assert await bearer.lookup(order(TURBO), 0) is None


async def test_cancelling_stops_nothing_and_never_raises(filmer: KlingFilmer) -> None:
    operation_id = await submitted(filmer)
    await filmer.cancel(operation_id)
    assert isinstance(await finished(filmer, operation_id), Finished)


@pytest.mark.parametrize("model", [V3, TURBO], ids=["classic", "newer"])
async def test_the_vendor_calls_back_with_the_task(model: Any, bearer: KlingFilmer, vendors: RunningSimulator) -> None:
    with ears() as hooks:
        accepted = await bearer.submit(order(model, callback=hooks.url))
        assert isinstance(accepted, Accepted)
        assert await asyncio.to_thread(hooks.done.wait, 20)
        (note,) = hooks.heard
    assert vendors.ledger()[0]["operation"] in (note.get("task_id"), note.get("id"))
    assert SUBMISSION in (note.get("external_id"), as_dict(note.get("task_info")).get("external_task_id"))
