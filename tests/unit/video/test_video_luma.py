"""Luma's adapter with its official SDK against the simulator."""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
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
from services.video.providers.luma import LumaFilmer, open_filmer
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

MODELS = [model for model in ROWS if model.vendor == "luma"]
KEY = "luma-test-00000001"
RAY = row("luma", "ray-2")
ROOT = "/luma/dream-machine/v1"


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("sim"), video_seconds=0.1) as running:
        yield running


@pytest.fixture
async def filmer(vendors: RunningSimulator) -> AsyncIterator[LumaFilmer]:
    vendors.reset()
    made = open_filmer({"api_key": KEY}, vendors.url + ROOT, 30)
    yield made
    await made.close()


async def submitted(filmer: LumaFilmer, prompt: str = "A pier at night", **wish: Any) -> str:
    accepted = await filmer.submit(order(RAY, prompt, **wish))
    assert isinstance(accepted, Accepted)
    return accepted.operation_id


@pytest.mark.parametrize(
    "wish",
    [{}, {"image": True, "seconds": 9, "ratio": "9:16"}, {"image": True, "last_frame": True, "size": "1920x1080"}],
    ids=lambda wish: "-".join(wish) or "words",
)
async def test_a_film_is_bought_once_followed_and_fetched(
    wish: dict[str, Any], filmer: LumaFilmer, vendors: RunningSimulator
) -> None:
    operation_id = await submitted(filmer, **wish)
    assert isinstance(await finished(filmer, operation_id), Finished)
    assert (await filmer.fetch(operation_id)).content_type == "video/mp4"
    (entry,) = vendors.ledger()
    assert (entry["operation"], entry["submission"]) == (operation_id, SUBMISSION)
    assert entry["price_nano_usd"] == catalogue_price(RAY, **wish)
    sent = json.loads(str(as_dict(entry["job"])["remixed_from"]))
    frames = {f"frame{n}": name for n, name in enumerate(n for n in ("image", "last_frame") if wish.get(n))}
    assert {place: frame["url"].rpartition("/")[2] for place, frame in sent.get("keyframes", {}).items()} == frames


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
async def test_whatever_a_row_says_is_legal_the_vendor_takes(
    model: Any, filmer: LumaFilmer, vendors: RunningSimulator
) -> None:
    wishes = legal_wishes(model)
    for wish in wishes:
        call = order(model, **wish)
        assert call.request["size"] == wish["size"]
        assert isinstance(await filmer.submit(call), Accepted)
    assert [as_dict(entry["job"])["size"] for entry in vendors.ledger()] == [wish["size"] for wish in wishes]


async def test_a_state_that_is_not_known_is_waiting(filmer: LumaFilmer, vendors: RunningSimulator) -> None:
    for word in ("", "queued", "somewhere"):
        vendors.fault("stall", seconds=60, variant=word)
        status = await filmer.poll(await submitted(filmer))
        assert isinstance(status, Pending)
        assert status.after is not None


@pytest.mark.parametrize("case", BROKEN, ids=str)
async def test_what_an_answer_to_a_submit_proves_and_that_it_is_sent_once(
    case: Broken, filmer: LumaFilmer, vendors: RunningSimulator
) -> None:
    await proves(case, filmer, vendors, order(RAY))


async def test_a_host_that_is_not_there_has_taken_nothing() -> None:
    away = LumaFilmer(base_url="http://127.0.0.1:9", api_key=KEY, seconds=5)
    with pytest.raises(NotAccepted) as raised:
        await away.submit(order(RAY))
    assert (raised.value.reason, raised.value.retryable) == ("vendor_away", True)
    for read in (away.poll("t"), away.fetch("t"), away.check_key(), away.lookup(order(RAY), 0.0)):
        with pytest.raises(VendorAway):
            await read
    await away.cancel("t")
    await away.close()


@pytest.mark.parametrize(
    ("fault", "reason", "retryable"), [("refusal", "model_refused", False), ("fail_job", "vendor_failed", True)]
)
async def test_how_a_generation_can_end_without_a_film(
    fault: str, reason: str, retryable: bool, filmer: LumaFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault(fault)
    ended = await finished(filmer, await submitted(filmer))
    assert isinstance(ended, Refused)
    assert (ended.reason, ended.retryable, ended.charged) == (reason, retryable, False)
    vendors.fault("fail_job", message=f"broken for {KEY}")
    hidden = await finished(filmer, await submitted(filmer))
    assert isinstance(hidden, Refused)
    assert hidden.message == "broken for ***"


@pytest.mark.parametrize("status", [403, 429, 500])
async def test_a_read_that_fails_loses_nothing(status: int, filmer: LumaFilmer, vendors: RunningSimulator) -> None:
    operation_id = await submitted(filmer)
    for fault in ("status", "malformed"):
        vendors.fault(fault, match={"op": "read"}, status=status)
        with pytest.raises(VendorAway):
            await filmer.poll(operation_id)
    assert isinstance(await finished(filmer, operation_id), Finished)
    assert (await filmer.fetch(operation_id)).body


async def test_an_expired_url_is_asked_for_again_and_a_gone_film_is_gone(
    filmer: LumaFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("expired_content", status=404)
    operation_id = await submitted(filmer)
    await finished(filmer, operation_id)
    assert (await filmer.fetch(operation_id)).body
    vendors.fault("expired_content", match={"op": "content", "times": 3}, status=403)
    with pytest.raises(NotAccepted) as raised:
        await filmer.fetch(operation_id)
    assert raised.value.reason == "product_gone"
    vendors.fault("stall", seconds=60)
    with pytest.raises(VendorAway):
        await filmer.fetch(await submitted(filmer))
    gone = await filmer.poll("nobody")
    assert isinstance(gone, Refused)
    assert (gone.reason, gone.charged) == ("operation_gone", True)
    assert submits(vendors, "luma") == 2


async def test_a_lost_film_is_found_by_its_prompt_and_model(filmer: LumaFilmer, vendors: RunningSimulator) -> None:
    since = time.time() - 1
    with pytest.raises(NotSeen) as unseen:
        await filmer.lookup(order(RAY, "ours"), since)
    assert unseen.value.seconds > 0
    vendors.fault("cut_after")
    with pytest.raises(OutcomeUnknown):
        await filmer.submit(order(RAY, "ours"))
    await submitted(filmer, "not ours")
    assert await filmer.lookup(order(RAY, "ours"), since) == Accepted(str(vendors.ledger()[0]["operation"]))
    for call, after in (
        (order(RAY, "nobody's"), since),
        (replace(order(RAY, "ours"), model="ray-flash-2"), since),
        (order(RAY, "ours"), time.time() + 60),
    ):
        with pytest.raises(NotSeen):
            await filmer.lookup(call, after)
    await submitted(filmer, "ours")
    assert await filmer.lookup(order(RAY, "ours"), since) is None, "two that could be ours are a person's question"
    vendors.fault("status", match={"op": "list"}, status=500)
    with pytest.raises(VendorAway):
        await filmer.lookup(order(RAY, "ours"), since)


async def test_twins_are_told_apart_by_where_they_call_back(filmer: LumaFilmer, vendors: RunningSimulator) -> None:
    since = time.time() - 1
    await submitted(filmer, "twins", callback="http://127.0.0.1:9/callbacks/other")
    second = await submitted(filmer, "twins", callback=f"http://127.0.0.1:9/callbacks/{SUBMISSION}?token=1")
    assert await filmer.lookup(order(RAY, "twins"), since) == Accepted(second)


async def test_a_page_is_read_after_the_other(filmer: LumaFilmer) -> None:
    since = time.time() - 1
    first = await submitted(filmer, "the first")
    for turn in range(101):
        await submitted(filmer, f"number {turn}")
    assert await filmer.lookup(order(RAY, "the first"), since) == Accepted(first)


async def test_the_vendor_calls_back_with_the_generation(filmer: LumaFilmer) -> None:
    notes: list[dict[str, Any]] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            notes.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    operation_id = await submitted(filmer, callback=f"http://127.0.0.1:{server.server_port}/back")
    async with asyncio.timeout(60):
        while not notes:
            await asyncio.sleep(0.05)
    server.shutdown()
    thread.join()
    server.server_close()
    assert [(note["id"], note["state"]) for note in notes] == [(operation_id, "completed")]


async def test_cancelling_deletes_it_and_never_raises(filmer: LumaFilmer) -> None:
    operation_id = await submitted(filmer)
    await filmer.cancel(operation_id)
    assert isinstance(await filmer.poll(operation_id), Refused)
    await filmer.cancel("nobody")


async def test_keys_are_checked_without_paying(vendors: RunningSimulator, filmer: LumaFilmer) -> None:
    await filmer.check_key()
    for key, reason, refused in (
        ("luma-bad-1", "invalid_key", "vendor_key_refused"),
        ("luma-quota-1", "quota_exceeded", "vendor_quota"),
    ):
        other = open_filmer({"api_key": key}, vendors.url + ROOT, 30)
        with pytest.raises(KeyRefused) as raised:
            await other.check_key()
        assert raised.value.reason == reason
        with pytest.raises(NotAccepted) as unpaid:
            await other.submit(order(RAY))
        assert unpaid.value.reason == refused
        await other.close()
    assert vendors.ledger() == []


async def test_the_key_is_in_no_error_and_no_log(
    filmer: LumaFilmer, vendors: RunningSimulator, capfd: pytest.CaptureFixture[str]
) -> None:
    vendors.fault("status", status=400, message=f"Who is {KEY}?")
    with pytest.raises(NotAccepted, match=r"\*\*\*") as raised:
        await filmer.submit(order(RAY))
    vendors.fault("status", match={"op": "delete"}, status=500, message=KEY)
    await filmer.cancel("t")
    captured = capfd.readouterr()
    assert KEY not in f"{raised.value}{raised.value!r}{captured.out}{captured.err}"


async def test_a_picture_without_a_url_is_not_sent(filmer: LumaFilmer, vendors: RunningSimulator) -> None:
    with pytest.raises(NotAccepted) as raised:
        await filmer.submit(replace(order(RAY, image=True), urls={}))
    assert raised.value.reason == "url_needed"
    assert submits(vendors, "luma") == 0
