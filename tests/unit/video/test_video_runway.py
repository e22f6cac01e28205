"""Runway's adapter with its official SDK against the simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from kit.providers.base import (
    Accepted,
    Finished,
    KeyRefused,
    NotAccepted,
    Pending,
    Refused,
    VendorAway,
)
from services.video.providers.runway import RunwayFilmer, open_filmer
from simulator.testing import RunningSimulator
from tests.unit.video.filmers import (
    BROKEN,
    ROWS,
    SUBMISSION,
    Broken,
    catalogue_price,
    finished,
    legal_wishes,
    noise,
    order,
    proves,
    row,
    submits,
)

MODELS = [model for model in ROWS if model.vendor == "runway"]
KEY = "key_test_runway_0001"
GEN = row("runway", "gen4.5")
SEEDANCE = row("runway", "seedance2")


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("sim"), video_seconds=0.1) as running:
        yield running


@pytest.fixture
async def filmer(vendors: RunningSimulator) -> AsyncIterator[RunwayFilmer]:
    vendors.reset()
    made = open_filmer({"api_key": KEY}, f"{vendors.url}/runway", 30)
    yield made
    await made.close()


async def submitted(filmer: RunwayFilmer, *args: Any, **wish: Any) -> str:
    accepted = await filmer.submit(order(*(args or (GEN,)), **wish))
    assert isinstance(accepted, Accepted)
    return accepted.operation_id


@pytest.mark.parametrize(
    ("model", "wish"),
    [
        (GEN, {}),
        (GEN, {"image": True, "seconds": 10, "ratio": "4:3", "seed": 7}),
        (row("runway", "veo3.1"), {"image": True, "last_frame": True, "seconds": 8, "negative_prompt": "fog"}),
        (row("runway", "veo3.1_fast"), {"audio": False, "size": "1080x1920"}),
        (SEEDANCE, {"references": 3, "image": True, "seconds": 4}),
        (SEEDANCE, {"video": True, "references": 2}),
        (row("runway", "kling_4"), {"image": True}),
    ],
    ids=lambda value: getattr(value, "id", None) or "-".join(value) or "words",
)
async def test_a_film_is_bought_once_followed_and_fetched(
    model: Any, wish: dict[str, Any], filmer: RunwayFilmer, vendors: RunningSimulator
) -> None:
    operation_id = await submitted(filmer, model, **wish)
    ended = await finished(filmer, operation_id)
    assert isinstance(ended, Finished)
    film = await filmer.fetch(operation_id)
    assert film.content_type == "video/mp4"
    (entry,) = vendors.ledger()
    assert (entry["operation"], entry["submission"]) == (operation_id, SUBMISSION)
    assert ended.cost_nano_usd == entry["price_nano_usd"]
    if not model.estimated:
        assert ended.cost_nano_usd == catalogue_price(model, **wish)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
async def test_whatever_a_row_says_is_legal_the_vendor_takes(
    model: Any, filmer: RunwayFilmer, vendors: RunningSimulator
) -> None:
    wishes = legal_wishes(model)
    for wish in wishes:
        call = order(model, **wish)
        assert call.request["size"] == wish["size"]
        assert isinstance(await filmer.submit(call), Accepted)
    assert len(vendors.ledger()) == len(wishes)


async def test_waiting_for_a_place_is_waiting(filmer: RunwayFilmer, vendors: RunningSimulator) -> None:
    for word in ("THROTTLED", "SOMETHING_NEW"):
        vendors.fault("stall", seconds=60, variant=word)
        status = await filmer.poll(await submitted(filmer))
        assert isinstance(status, Pending)
        assert status.after is not None
        assert status.after >= 5
    vendors.fault("stall", seconds=1)
    operation_id, seen = await submitted(filmer), []
    while isinstance(status := await filmer.poll(operation_id), Pending):
        seen.append(status.progress)
    assert any(part is not None and 0 < part < 1 for part in seen)


@pytest.mark.parametrize("case", BROKEN, ids=str)
async def test_what_an_answer_to_a_submit_proves_and_that_it_is_sent_once(
    case: Broken, filmer: RunwayFilmer, vendors: RunningSimulator
) -> None:
    await proves(case, filmer, vendors, order(GEN))


async def test_a_host_that_is_not_there_has_taken_nothing() -> None:
    away = RunwayFilmer(base_url="http://127.0.0.1:9", api_key=KEY, seconds=5)
    with pytest.raises(NotAccepted) as raised:
        await away.submit(order(GEN))
    assert (raised.value.reason, raised.value.retryable) == ("vendor_away", True)
    for read in (away.poll("t"), away.fetch("t"), away.check_key()):
        with pytest.raises(VendorAway):
            await read
    await away.cancel("t")
    await away.close()


@pytest.mark.parametrize(
    ("fault", "reason", "retryable", "charged"),
    [
        ({"type": "refusal"}, "model_refused", False, True),
        ({"type": "refusal", "code": "SAFETY.OUTPUT.VIDEO"}, "model_refused", False, False),
        ({"type": "fail_job", "code": "INPUT_PREPROCESSING.SAFETY.TEXT"}, "model_refused", False, False),
        ({"type": "fail_job"}, "vendor_failed", True, False),
        ({"type": "fail_job", "code": "INTERNAL.BAD_OUTPUT.CODE01"}, "vendor_failed", True, False),
        ({"type": "fail_job", "code": "ASSET.INVALID"}, "vendor_failed", False, False),
        ({"type": "fail_job", "code": "NEVER.HEARD.OF"}, "vendor_failed", False, False),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else None,
)
async def test_how_a_task_can_end_without_a_film(
    fault: dict[str, str], reason: str, retryable: bool, charged: bool, filmer: RunwayFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault(fault["type"], message=f"It failed for {KEY}", code=fault.get("code", ""))
    ended = await finished(filmer, await submitted(filmer))
    assert isinstance(ended, Refused)
    assert (ended.reason, ended.retryable, ended.charged) == (reason, retryable, charged)
    assert ended.message == "It failed for ***"


@pytest.mark.parametrize("status", [403, 429, 500])
async def test_a_read_that_fails_loses_nothing(status: int, filmer: RunwayFilmer, vendors: RunningSimulator) -> None:
    operation_id = await submitted(filmer)
    vendors.fault("status", match={"op": "read"}, status=status, retry_after=3)
    with pytest.raises(VendorAway):
        await filmer.poll(operation_id)
    vendors.fault("malformed", match={"op": "read"})
    with pytest.raises(VendorAway):
        await filmer.poll(operation_id)
    assert isinstance(await finished(filmer, operation_id), Finished)
    assert (await filmer.fetch(operation_id)).body


async def test_an_expired_url_is_asked_for_again_and_never_bought_again(
    filmer: RunwayFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("expired_content", status=403)
    operation_id = await submitted(filmer)
    await finished(filmer, operation_id)
    assert (await filmer.fetch(operation_id)).body
    for fault in ("half_body", "status"):
        vendors.fault(fault, match={"op": "content"}, status=500)
        assert (await filmer.fetch(operation_id)).body
    vendors.fault("status", match={"op": "content", "times": 3}, status=500)
    with pytest.raises(VendorAway):
        await filmer.fetch(operation_id)
    vendors.fault("expired_content", match={"op": "content", "times": 3}, status=410)
    with pytest.raises(NotAccepted) as raised:
        await filmer.fetch(operation_id)
    assert raised.value.reason == "product_gone"
    assert submits(vendors, "runway") == 1


async def test_a_film_that_is_not_there_is_waited_for_and_one_that_is_gone_is_gone(
    filmer: RunwayFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("stall", seconds=60)
    with pytest.raises(VendorAway):
        await filmer.fetch(await submitted(filmer))
    gone = await filmer.poll("5e1f3a52-0000-4000-8000-000000000000")
    assert isinstance(gone, Refused)
    assert (gone.reason, gone.charged) == ("operation_gone", True)
    with pytest.raises(NotAccepted) as raised:
        await filmer.fetch("5e1f3a52-0000-4000-8000-000000000000")
    assert raised.value.reason == "product_gone"


async def test_a_running_task_can_be_cancelled(filmer: RunwayFilmer, vendors: RunningSimulator) -> None:
    vendors.fault("stall", seconds=60)
    operation_id = await submitted(filmer)
    await filmer.cancel(operation_id)
    ended = await finished(filmer, operation_id)
    assert isinstance(ended, Refused)
    assert (ended.reason, ended.charged, ended.retryable) == ("vendor_failed", False, False)
    await filmer.cancel("nobody")


async def test_a_lost_task_cannot_be_looked_up(filmer: RunwayFilmer) -> None:
    assert await filmer.lookup(order(GEN), 0.0) is None


async def test_keys_are_checked_without_paying(vendors: RunningSimulator, filmer: RunwayFilmer) -> None:
    await filmer.check_key()
    for key, reason, refused in (
        ("key_bad_0001", "invalid_key", "vendor_key_refused"),
        ("key_quota_0001", "quota_exceeded", "vendor_quota"),
    ):
        other = open_filmer({"api_key": key}, f"{vendors.url}/runway", 30)
        with pytest.raises(KeyRefused) as raised:
            await other.check_key()
        assert raised.value.reason == reason
        with pytest.raises(NotAccepted) as unpaid:
            await other.submit(order(GEN))
        assert unpaid.value.reason == refused
        await other.close()
    vendors.fault("status", match={"op": "models"}, status=500)
    with pytest.raises(VendorAway):
        await filmer.check_key()
    assert vendors.ledger() == []


async def test_the_key_is_in_no_error_and_no_log(
    filmer: RunwayFilmer, vendors: RunningSimulator, capfd: pytest.CaptureFixture[str]
) -> None:
    vendors.fault("status", status=400, message=f"Who is {KEY}?")
    with pytest.raises(NotAccepted) as raised:
        await filmer.submit(order(GEN))
    vendors.fault("status", match={"op": "delete"}, status=500, message=KEY)
    await filmer.cancel("t")
    assert "***" in str(raised.value)
    captured = capfd.readouterr()
    assert KEY not in f"{raised.value}{raised.value!r}{captured.out}{captured.err}"


async def test_pictures_go_as_data_and_large_ones_as_urls() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id": "t1"})

    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    filmer = RunwayFilmer(base_url="http://vendor.test", api_key=KEY, seconds=5, http=http)
    call = order(GEN, image=True)
    await filmer.submit(call)
    large = {"image": noise(1400)}
    await filmer.submit(replace(call, files=large))
    assert [b'"uri":"data:image/png;base64,' in seen[0].content, b'"uri":"https://media' in seen[1].content] == [
        True
    ] * 2
    with pytest.raises(NotAccepted) as raised:
        await filmer.submit(replace(call, files=large, urls={}))
    assert raised.value.reason == "file_too_large"
    with pytest.raises(NotAccepted) as raised:
        await filmer.submit(replace(call, model="gen9"))
    assert raised.value.reason == "unknown_model"
    assert len(seen) == 2
    await filmer.close()
