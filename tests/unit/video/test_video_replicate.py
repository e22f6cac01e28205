"""Replicate's adapter with its official SDK against the simulator."""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from replicate.webhook import Webhooks, WebhookSigningSecret
from standardwebhooks import Webhook

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
from services.video.providers.replicate import ReplicateFilmer, body, open_filmer
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
    noise,
    order,
    proves,
    row,
    submits,
)

MODELS = [model for model in ROWS if model.vendor == "replicate"]
KEY = "r8_test_00000001"
FAST = row("replicate", "bytedance/seedance-2.0-fast")
VEO = row("replicate", "google/veo-3.1")
HAILUO = row("replicate", "minimax/hailuo-2.3")


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("sim"), video_seconds=0.1) as running:
        yield running


@pytest.fixture
async def filmer(vendors: RunningSimulator) -> AsyncIterator[ReplicateFilmer]:
    vendors.reset()
    made = open_filmer({"api_key": KEY}, f"{vendors.url}/replicate", 30)
    yield made
    await made.close()


async def submitted(filmer: ReplicateFilmer, prompt: str = "A pier at night", **wish: Any) -> str:
    accepted = await filmer.submit(order(FAST, prompt, **wish))
    assert isinstance(accepted, Accepted)
    return accepted.operation_id


@pytest.mark.parametrize(
    ("model", "wish"),
    [
        (FAST, {}),
        (FAST, {"image": True, "last_frame": True, "seconds": 12, "ratio": "21:9", "audio": False, "seed": 3}),
        (FAST, {"references": 2, "image": True, "size": "496x864"}),
        (VEO, {"references": 3, "negative_prompt": "fog"}),
        (VEO, {"size": "1080x1920", "audio": False}),
        (HAILUO, {"image": True, "seconds": 10}),
        (HAILUO, {"size": "1920x1080"}),
    ],
    ids=lambda value: getattr(value, "id", None) or "-".join(value) or "words",
)
async def test_a_film_is_bought_once_followed_and_fetched(
    model: Any, wish: dict[str, Any], filmer: ReplicateFilmer, vendors: RunningSimulator
) -> None:
    accepted = await filmer.submit(order(model, **wish))
    assert isinstance(accepted, Accepted)
    ended = await finished(filmer, accepted.operation_id)
    assert isinstance(ended, Finished)
    assert set(ended.units) == {"predict_time", "video_output_duration_seconds"}
    assert (await filmer.fetch(accepted.operation_id)).content_type == "video/mp4"
    (entry,) = vendors.ledger()
    assert entry["operation"] == accepted.operation_id
    # The vendor tells no cost: the catalogue's is what is booked, to the nano-USD that thirds of a cent leave over.
    assert abs(int(str(entry["price_nano_usd"])) - catalogue_price(model, **wish)) <= 10


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
async def test_whatever_a_row_says_is_legal_the_vendor_takes(
    model: Any, filmer: ReplicateFilmer, vendors: RunningSimulator
) -> None:
    wishes = legal_wishes(model)
    for wish in wishes:
        call = order(model, **wish)
        assert call.request["size"] == wish["size"]
        assert isinstance(await filmer.submit(call), Accepted)
    billed = [as_dict(entry["units"])["seconds"] for entry in vendors.ledger()]
    assert billed == [wish["seconds"] for wish in wishes]


async def test_a_status_that_is_not_known_is_waiting(filmer: ReplicateFilmer, vendors: RunningSimulator) -> None:
    operations = []
    for word in ("starting", "processing"):
        vendors.fault("stall", seconds=60, variant=word)
        operations.append(await submitted(filmer))
    vendors.fault("stall", seconds=60, variant="queued")
    with pytest.raises(OutcomeUnknown):
        # The SDK cannot read it: whether it was taken is asked of the list.
        await filmer.submit(order(FAST, "a new word"))
    found = await filmer.lookup(order(FAST, "a new word"), time.time() - 60)
    assert found is not None
    for operation_id in (*operations, found.operation_id):
        status = await filmer.poll(operation_id)
        assert isinstance(status, Pending)
        assert status.after is not None


@pytest.mark.parametrize("case", BROKEN, ids=str)
async def test_what_an_answer_to_a_submit_proves_and_that_it_is_sent_once(
    case: Broken, filmer: ReplicateFilmer, vendors: RunningSimulator
) -> None:
    await proves(case, filmer, vendors, order(FAST))


async def test_a_vendor_that_does_not_answer_is_not_waited_for_without_end(vendors: RunningSimulator) -> None:
    vendors.reset()
    vendors.fault("slow", seconds=3)
    hasty = open_filmer({"api_key": KEY}, f"{vendors.url}/replicate", 0.5)
    with pytest.raises(OutcomeUnknown):
        await hasty.submit(order(FAST))
    assert submits(vendors, "replicate") == 1
    await hasty.close()


async def test_a_host_that_is_not_there_has_taken_nothing() -> None:
    away = ReplicateFilmer(base_url="http://127.0.0.1:9", api_key=KEY, seconds=5)
    with pytest.raises(NotAccepted) as raised:
        await away.submit(order(FAST))
    assert (raised.value.reason, raised.value.retryable) == ("vendor_away", True)
    for read in (away.poll("t"), away.fetch("t"), away.check_key(), away.lookup(order(FAST), 0.0)):
        with pytest.raises(VendorAway):
            await read
    await away.cancel("t")
    await away.close()


@pytest.mark.parametrize(
    ("fault", "code", "reason", "retryable", "charged"),
    [
        ("refusal", "", "model_refused", False, False),
        ("fail_job", "", "vendor_failed", True, False),
        ("fail_job", "aborted", "vendor_failed", True, False),
        ("fail_job", "canceled", "vendor_failed", False, True),
    ],
)
async def test_how_a_prediction_can_end_without_a_film(
    fault: str,
    code: str,
    reason: str,
    retryable: bool,
    charged: bool,
    filmer: ReplicateFilmer,
    vendors: RunningSimulator,
) -> None:
    vendors.fault(fault, code=code)
    ended = await finished(filmer, await submitted(filmer))
    assert isinstance(ended, Refused)
    assert (ended.reason, ended.retryable, ended.charged) == (reason, retryable, charged)


@pytest.mark.parametrize("status", [403, 429, 500, 503])
async def test_a_read_that_fails_loses_nothing_and_is_not_repeated(
    status: int, filmer: ReplicateFilmer, vendors: RunningSimulator
) -> None:
    operation_id = await submitted(filmer)
    for fault in ("status", "malformed"):
        vendors.fault(fault, match={"op": "read"}, status=status)
        with pytest.raises(VendorAway):
            await filmer.poll(operation_id)
    requests = vendors.stats()["requests"]
    assert isinstance(requests, dict)
    assert requests["replicate.video.read"] == 2
    assert isinstance(await finished(filmer, operation_id), Finished)
    assert (await filmer.fetch(operation_id)).body


async def test_an_expired_url_is_asked_for_again_and_files_of_yesterday_are_gone(
    filmer: ReplicateFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("expired_content", status=404)
    operation_id = await submitted(filmer)
    await finished(filmer, operation_id)
    assert (await filmer.fetch(operation_id)).body
    vendors.fault("expired_content", match={"op": "content", "times": 3}, status=404)
    with pytest.raises(NotAccepted) as raised:
        await filmer.fetch(operation_id)
    assert raised.value.reason == "product_gone"
    vendors.fault("expired_content", status=410)
    removed = await submitted(filmer)
    assert isinstance(await finished(filmer, removed), Finished)
    with pytest.raises(NotAccepted) as raised:
        await filmer.fetch(removed)
    assert raised.value.reason == "product_gone"
    vendors.fault("stall", seconds=60)
    with pytest.raises(VendorAway):
        await filmer.fetch(await submitted(filmer))
    gone = await filmer.poll("no/body")
    assert isinstance(gone, Refused)
    assert (gone.reason, gone.charged) == ("operation_gone", True)
    assert submits(vendors, "replicate") == 3


async def test_a_lost_film_is_found_by_its_prompt_and_model(filmer: ReplicateFilmer, vendors: RunningSimulator) -> None:
    since = time.time() - 1
    with pytest.raises(NotSeen):
        await filmer.lookup(order(FAST, "ours"), since)
    vendors.fault("cut_after")
    with pytest.raises(OutcomeUnknown):
        await filmer.submit(order(FAST, "ours"))
    await submitted(filmer, "not ours")
    assert await filmer.lookup(order(FAST, "ours"), since) == Accepted(str(vendors.ledger()[0]["operation"]))
    for call, after in (
        (replace(order(FAST, "ours"), model="bytedance/seedance-2.0"), since),
        (order(FAST, "ours"), time.time() + 60),
    ):
        with pytest.raises(NotSeen):
            await filmer.lookup(call, after)
    await submitted(filmer, "ours")
    assert await filmer.lookup(order(FAST, "ours"), since) is None, "two that could be ours are a person's question"
    vendors.fault("status", match={"op": "list"}, status=404)
    assert await filmer.lookup(order(FAST, "ours"), since) is None
    vendors.fault("status", match={"op": "list"}, status=500)
    with pytest.raises(VendorAway):
        await filmer.lookup(order(FAST, "ours"), since)


async def test_a_page_is_read_after_the_other(filmer: ReplicateFilmer) -> None:
    since = time.time() - 1
    first = await submitted(filmer, "the first")
    for turn in range(101):
        await submitted(filmer, f"number {turn}")
    assert await filmer.lookup(order(FAST, "the first"), since) == Accepted(first)


async def test_the_key_goes_to_the_vendors_own_host_only() -> None:
    seen: list[str] = []
    page = {"results": [{"id": "a", "created_at": "2999-01-01T00:00:00Z"}], "next": "https://elsewhere.test/v1/x"}

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, json=page if len(seen) == 1 else {"results": 5})

    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    filmer = ReplicateFilmer(base_url="https://vendor.test", api_key=KEY, seconds=5, http=http)
    with pytest.raises(VendorAway, match="another host"):
        await filmer.lookup(order(FAST), 0.0)
    with pytest.raises(VendorAway, match="cannot be read"):
        await filmer.lookup(order(FAST), 0.0)
    assert seen == ["https://vendor.test/v1/predictions"] * 2
    await filmer.close()


async def test_the_vendor_calls_back_with_a_signature_that_libraries_take(
    filmer: ReplicateFilmer, vendors: RunningSimulator
) -> None:
    notes: list[tuple[bytes, dict[str, str]]] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            notes.append((self.rfile.read(int(self.headers["content-length"])), dict(self.headers.items())))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    operation_id = await submitted(filmer, callback=f"http://127.0.0.1:{server.server_port}/back/{SUBMISSION}")
    async with asyncio.timeout(60):
        while not notes:
            await asyncio.sleep(0.05)
    server.shutdown()
    thread.join()
    server.server_close()
    ((sent, headers),) = notes
    assert (json.loads(sent)["id"], json.loads(sent)["status"]) == (operation_id, "succeeded")
    async with httpx.AsyncClient(trust_env=False) as client:
        asked = await client.get(
            f"{vendors.url}/replicate/v1/webhooks/default/secret", headers={"authorization": f"Bearer {KEY}"}
        )
    secret = asked.json()["key"]
    Webhook(secret).verify(sent, {name.lower(): value for name, value in headers.items()})
    Webhooks.validate(headers=headers, body=sent.decode(), secret=WebhookSigningSecret(key=secret))


async def test_a_running_prediction_can_be_cancelled(filmer: ReplicateFilmer, vendors: RunningSimulator) -> None:
    vendors.fault("stall", seconds=60)
    operation_id = await submitted(filmer)
    await filmer.cancel(operation_id)
    ended = await finished(filmer, operation_id)
    assert isinstance(ended, Refused)
    assert (ended.reason, ended.charged) == ("vendor_failed", True)
    await filmer.cancel("nobody")


async def test_keys_are_checked_without_paying(vendors: RunningSimulator, filmer: ReplicateFilmer) -> None:
    await filmer.check_key()
    bad = open_filmer({"api_key": "r8_bad_1"}, f"{vendors.url}/replicate", 30)
    with pytest.raises(KeyRefused) as raised:
        await bad.check_key()
    assert raised.value.reason == "invalid_key"
    spent = open_filmer({"api_key": "r8_quota_1"}, f"{vendors.url}/replicate", 30)
    await spent.check_key()
    for other, reason in ((bad, "vendor_key_refused"), (spent, "vendor_quota")):
        with pytest.raises(NotAccepted) as unpaid:
            await other.submit(order(FAST))
        assert unpaid.value.reason == reason
        await other.close()
    vendors.fault("status", match={"op": "models"}, status=402)
    with pytest.raises(KeyRefused) as poor:
        await filmer.check_key()
    assert poor.value.reason == "quota_exceeded"
    assert vendors.ledger() == []


async def test_the_key_is_in_no_error_and_no_log(
    filmer: ReplicateFilmer, vendors: RunningSimulator, capfd: pytest.CaptureFixture[str]
) -> None:
    vendors.fault("status", status=400, message=f"Who is {KEY}?")
    with pytest.raises(NotAccepted, match=r"\*\*\*") as raised:
        await filmer.submit(order(FAST))
    vendors.fault("status", match={"op": "delete"}, status=500, message=KEY)
    await filmer.cancel("t")
    vendors.fault("fail_job", message=f"broken for {KEY}")
    ended = await finished(filmer, await submitted(filmer))
    captured = capfd.readouterr()
    assert KEY not in f"{raised.value}{raised.value!r}{captured.out}{captured.err}{ended}"


def test_small_pictures_go_as_data_and_large_ones_as_urls() -> None:
    call = order(FAST, image=True)
    film = FAST.film
    assert film is not None
    assert body(call, film)["image"].startswith("data:image/png;base64,")
    large = replace(call, files={"image": noise(400)})
    assert body(large, film)["image"] == call.urls["image"]
    assert body(replace(call, files={}), film)["image"] == call.urls["image"]
    with pytest.raises(NotAccepted) as raised:
        body(replace(call, files={}, urls={}), film)
    assert raised.value.reason == "file_missing"
