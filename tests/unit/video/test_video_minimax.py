"""MiniMax's adapter against the simulator over HTTP: v1 (Hailuo) and v2 (H3)."""

from __future__ import annotations

import asyncio
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
from services.video.providers.minimax import MiniMaxFilmer, open_filmer
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

MODELS = [model for model in ROWS if model.vendor == "minimax"]
KEY = "minimax-test-00000001"
H3 = row("minimax", "MiniMax-H3")
HAILUO = row("minimax", "MiniMax-Hailuo-2.3")
BOTH = pytest.mark.parametrize("model", [HAILUO, H3], ids=["v1", "v2"])


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("sim"), video_seconds=0.1) as running:
        yield running


@pytest.fixture
async def filmer(vendors: RunningSimulator) -> AsyncIterator[MiniMaxFilmer]:
    vendors.reset()
    made = open_filmer({"api_key": KEY}, f"{vendors.url}/minimax", 30)
    yield made
    await made.close()


async def submitted(filmer: MiniMaxFilmer, model: Any, prompt: str = "A pier at night", **wish: Any) -> str:
    accepted = await filmer.submit(order(model, prompt, **wish))
    assert isinstance(accepted, Accepted)
    return accepted.operation_id


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
async def test_a_film_is_bought_once_followed_and_fetched(
    model: Any, filmer: MiniMaxFilmer, vendors: RunningSimulator
) -> None:
    wishes: dict[str, dict[str, Any]] = {"text": {}, "image": {"image": True}, "references": {"references": 1}}
    wish = wishes[model.film.modes[0]]
    operation_id = await submitted(filmer, model, **wish)
    end = await finished(filmer, operation_id)
    assert isinstance(end, Finished)
    assert (await filmer.fetch(operation_id)).content_type == "video/mp4"
    (entry,) = vendors.ledger()
    assert operation_id == f"{model.film.protocol}:{model.id}:{entry['operation']}"
    assert entry["price_nano_usd"] == catalogue_price(model, **wish)
    # v2 tells the seconds that it bills, v1 tells nothing.
    told = entry["price_nano_usd"] if model.film.protocol == "v2" else None
    assert (end.cost_nano_usd, bool(end.units)) == (told, told is not None)


async def test_a_file_is_a_number_for_some_films_and_a_text_for_others(
    filmer: MiniMaxFilmer, vendors: RunningSimulator
) -> None:
    seen: set[int] = set()
    while seen != {0, 1}:
        operation_id = await submitted(filmer, HAILUO)
        await finished(filmer, operation_id)
        assert (await filmer.fetch(operation_id)).body
        seen.add(int(operation_id[-1]) % 2)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
async def test_whatever_a_row_says_is_legal_the_vendor_takes(
    model: Any, filmer: MiniMaxFilmer, vendors: RunningSimulator
) -> None:
    for wish in legal_wishes(model):
        assert isinstance(await filmer.submit(order(model, **wish)), Accepted)
        entry = vendors.ledger()[-1]
        assert entry["price_nano_usd"] == catalogue_price(model, **wish)
        if wish["size"]:
            assert as_dict(entry["job"])["size"] == wish["size"]


async def test_what_cannot_be_ordered_is_not_sent(filmer: MiniMaxFilmer, vendors: RunningSimulator) -> None:
    for model in (HAILUO, H3):
        with pytest.raises(NotAccepted) as raised:
            await filmer.submit(replace(order(model, image=True), urls={}, files={}))
        assert raised.value.reason == "file_missing"
    with pytest.raises(NotAccepted) as raised:
        await filmer.submit(replace(order(H3), model="MiniMax-H9"))
    assert raised.value.reason == "unknown_model"
    assert submits(vendors, "minimax") == 0


@BOTH
@pytest.mark.parametrize("case", BROKEN, ids=str)
async def test_what_an_answer_to_a_submit_proves_and_that_it_is_sent_once(
    case: Broken, model: Any, filmer: MiniMaxFilmer, vendors: RunningSimulator
) -> None:
    await proves(case, filmer, vendors, order(model))


@BOTH
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1002, "vendor_busy"),
        (1004, "vendor_key_refused"),
        (1008, "vendor_quota"),
        (1026, "model_refused"),
        (1027, "model_refused"),
        (1039, "vendor_busy"),
        (2013, "vendor_refused"),
        (2049, "vendor_key_refused"),
        (2056, "vendor_quota"),
    ],
)
async def test_business_errors_ride_on_200(
    code: int, reason: str, model: Any, filmer: MiniMaxFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("status", code=str(code))
    with pytest.raises(NotAccepted) as raised:
        await filmer.submit(order(model))
    assert (raised.value.reason, raised.value.retryable) == (reason, reason == "vendor_busy")
    assert (raised.value.after is not None) is raised.value.retryable
    assert vendors.ledger() == []


@BOTH
@pytest.mark.parametrize("code", [1000, 1001, 1013, 1033, 4711])
async def test_an_error_inside_the_vendor_proves_nothing(
    code: int, model: Any, filmer: MiniMaxFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("status", code=str(code), accepted=True)
    with pytest.raises(OutcomeUnknown):
        await filmer.submit(order(model))
    assert len(vendors.ledger()) == submits(vendors, "minimax") == 1


@BOTH
@pytest.mark.parametrize(
    ("key", "submit_reason", "check_reason"),
    [
        ("minimax-bad-key", "vendor_key_refused", "invalid_key"),
        ("minimax-quota-key", "vendor_quota", "quota_exceeded"),
    ],
)
async def test_keys_that_are_refused_or_spent(
    key: str, submit_reason: str, check_reason: str, model: Any, vendors: RunningSimulator
) -> None:
    vendors.reset()
    filmer = MiniMaxFilmer(base_url=f"{vendors.url}/minimax", api_key=key, seconds=30)
    with pytest.raises(NotAccepted) as raised:
        await filmer.submit(order(model))
    assert raised.value.reason == submit_reason
    with pytest.raises(KeyRefused) as refused:
        await filmer.check_key()
    assert refused.value.reason == check_reason
    await filmer.close()


async def test_a_good_key_is_read_without_paying(filmer: MiniMaxFilmer, vendors: RunningSimulator) -> None:
    await filmer.check_key()
    for fields in ({"status": 500}, {"code": "1002"}, {"status": 429}):
        vendors.fault("status", match={"op": "models"}, **fields)
        with pytest.raises(VendorAway):
            await filmer.check_key()
    assert vendors.ledger() == []


@pytest.mark.parametrize(
    ("model", "fault", "code", "reason", "retryable"),
    [
        (HAILUO, "refusal", "", "model_refused", False),
        (HAILUO, "fail_job", "1000", "vendor_failed", True),
        (H3, "refusal", "", "model_refused", False),
        (H3, "refusal", "1026", "model_refused", False),
        (H3, "fail_job", "1000", "vendor_failed", True),
        (H3, "fail_job", "expired", "vendor_failed", True),
        (H3, "fail_job", "cancelled", "vendor_failed", False),
    ],
    ids=str,
)
async def test_how_a_film_can_end_without_a_film(
    model: Any, fault: str, code: str, reason: str, retryable: bool, filmer: MiniMaxFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault(fault, code=code)
    ended = await finished(filmer, await submitted(filmer, model))
    assert isinstance(ended, Refused)
    assert (ended.reason, ended.retryable, ended.charged) == (reason, retryable, False)


@BOTH
async def test_a_read_that_fails_loses_nothing(model: Any, filmer: MiniMaxFilmer, vendors: RunningSimulator) -> None:
    operation_id = await submitted(filmer, model)
    vendors.fault("status", match={"op": "read"}, code="1002")
    assert isinstance(await filmer.poll(operation_id), Pending)
    for fields in ({"status": 500}, {"status": 502}, {"status": 403}, {"code": "1000"}, {"code": "1004"}):
        vendors.fault("status", match={"op": "read"}, **fields)
        with pytest.raises(VendorAway):
            await filmer.poll(operation_id)
    assert isinstance(await finished(filmer, operation_id), Finished)
    vendors.fault("status", match={"op": "read"}, status=500)
    with pytest.raises(VendorAway):
        await filmer.fetch(operation_id)
    vendors.fault("status", match={"path_regex": "files/retrieve|query"}, code="1002")
    with pytest.raises(VendorAway):
        await filmer.fetch(operation_id)
    vendors.fault("half_body", match={"op": "content"})
    assert (await filmer.fetch(operation_id)).body
    assert submits(vendors, "minimax") == 1


@BOTH
async def test_an_expired_url_is_asked_for_again_and_a_film_that_is_gone_is_gone(
    model: Any, filmer: MiniMaxFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("expired_content", status=403)
    operation_id = await submitted(filmer, model)
    await finished(filmer, operation_id)
    assert (await filmer.fetch(operation_id)).body
    vendors.fault("expired_content", match={"op": "content", "times": 0}, status=404)
    with pytest.raises(NotAccepted) as raised:
        await filmer.fetch(operation_id)
    assert raised.value.reason == "product_gone"
    nobody = f"{operation_id.rpartition(':')[0]}:1"
    with pytest.raises(NotAccepted) as raised:
        await filmer.fetch(nobody)
    assert raised.value.reason == "product_gone"
    gone = await filmer.poll(nobody)
    assert isinstance(gone, Refused)
    assert (gone.reason, gone.charged) == ("operation_gone", True)
    vendors.reset()
    vendors.fault("stall", seconds=60)
    with pytest.raises(VendorAway):
        await filmer.fetch(await submitted(filmer, model))


async def test_only_a_callback_can_tell_of_a_lost_film(filmer: MiniMaxFilmer) -> None:
    assert await filmer.lookup(order(H3), 0) is None
    with pytest.raises(NotSeen) as raised:
        await filmer.lookup(order(H3, callback="https://us.example/h"), 0)
    assert raised.value.seconds > 600


async def test_only_a_waiting_film_of_v2_is_cancelled(filmer: MiniMaxFilmer, vendors: RunningSimulator) -> None:
    vendors.fault("stall", match={"times": 2}, seconds=600)
    waiting, first = await submitted(filmer, H3), await submitted(filmer, HAILUO)
    await filmer.cancel(waiting)
    await filmer.cancel(first)
    ended = await filmer.poll(waiting)
    assert isinstance(ended, Refused)
    assert (ended.reason, ended.retryable) == ("vendor_failed", False)
    assert isinstance(await filmer.poll(first), Pending)
    done = await submitted(filmer, H3)
    await finished(filmer, done)
    await filmer.cancel(done)
    assert (await filmer.fetch(done)).body, "a finished film is not deleted"


@BOTH
async def test_a_callback_is_proved_by_a_challenge_and_then_called(
    model: Any, filmer: MiniMaxFilmer, vendors: RunningSimulator
) -> None:
    with ears() as hooks:
        accepted = await filmer.submit(order(model, callback=hooks.url))
        assert isinstance(accepted, Accepted)
        assert await asyncio.to_thread(hooks.done.wait, 20)
        challenge, note = hooks.heard
        assert set(challenge) == {"challenge"}
        operation = vendors.ledger()[0]["operation"]
        assert operation in (note.get("task_id"), as_dict(note.get("task")).get("id"))
        hooks.deaf = True
        with pytest.raises(NotAccepted) as raised:
            await filmer.submit(order(model, callback=hooks.url))
        assert raised.value.reason == "vendor_refused"
    assert len(vendors.ledger()) == 1
