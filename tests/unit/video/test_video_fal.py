"""fal's adapter against the simulator: sent once whatever happens, its returned URLs, signed callbacks, cancel."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import urllib.request
from collections.abc import AsyncIterator, Iterator
from typing import Any

import fal_client
import fal_client.client
import httpx2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from kit.providers.base import Finished, KeyRefused, NotAccepted, NotSeen, OutcomeUnknown, Pending, Refused, VendorAway
from services.video.providers import fal
from services.video.providers.fal import FalFilmer, open_filmer
from simulator.jsons import as_dict
from simulator.testing import RunningSimulator
from tests.unit.video.films import SUBMISSION, accepted, ended, fitted, requests

KEY = "fal-id:fal-secret-7"


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("sim"), video_seconds=0.1) as running:
        yield running


@pytest.fixture
async def filmer(vendors: RunningSimulator) -> AsyncIterator[FalFilmer]:
    vendors.reset()
    made = open_filmer({"api_key": KEY}, f"{vendors.url}/fal", 30)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("model", "wish", "units"),
    [
        ("", {}, {"seconds": 6, "size": "720x1280", "audio": True}),
        ("veo3.1", {"size": "3840x2160", "audio": False}, {"size": "3840x2160", "audio": False}),
        ("veo3.1", {"image": True, "seed": 3, "negative_prompt": "rain"}, {"seconds": 6}),
        ("veo3.1-fast", {"image": True, "last_frame": True}, {"seconds": 6}),
        ("veo3.1-references", {"references": 3}, {"seconds": 8}),
        ("kling-v3-pro", {"seconds": 12}, {"seconds": 12}),
        ("kling-v3-pro", {"image": True, "last_frame": True, "audio": False}, {"seconds": 5, "audio": False}),
        ("seedance-2.0", {"references": 2, "ratio": "3:4"}, {"size": "720x960"}),
        ("seedance-2.0", {"image": True}, {"seconds": 5}),
    ],
)
async def test_a_film_is_bought_once_followed_and_fetched(
    model: str, wish: dict[str, Any], units: dict[str, Any], filmer: FalFilmer, vendors: RunningSimulator
) -> None:
    call, price = fitted("fal", model, **wish)
    operation = await accepted(filmer, call)
    status = await ended(filmer, operation)
    assert isinstance(status, Finished)
    assert "inference_time" in status.units
    assert (await filmer.fetch(operation)).content_type == "video/mp4"
    (entry,) = vendors.ledger()
    assert entry["submission"] == SUBMISSION
    assert units.items() <= as_dict(entry["units"]).items()
    assert entry["price_nano_usd"] == price


async def test_the_urls_that_fal_gives_are_the_ones_that_are_asked(filmer: FalFilmer) -> None:
    """Of `fal-ai/veo3.1/fast` only owner and alias are left in them: putting them together from the path would ask nobody."""
    operation = await accepted(filmer, fitted("fal", "veo3.1-fast")[0])
    model, *urls = operation.split(" ")
    assert model == "veo3.1-fast"
    assert [url.rpartition("/requests/")[0].rpartition("/fal/")[2] for url in urls] == ["fal-ai/veo3.1"] * 3


FAULTS: list[tuple[dict[str, Any], type[NotAccepted | OutcomeUnknown], str]] = [
    ({"type": "status", "status": 400}, NotAccepted, "vendor_refused"),
    ({"type": "status", "status": 408}, NotAccepted, "vendor_refused"),
    ({"type": "status", "status": 409}, NotAccepted, "vendor_refused"),
    ({"type": "status", "status": 429, "retry_after": 7}, NotAccepted, "vendor_busy"),
    ({"type": "status", "status": 503}, NotAccepted, "vendor_overloaded"),
    ({"type": "status", "status": 500, "accepted": True}, OutcomeUnknown, "outcome_unknown"),
    ({"type": "status", "status": 502, "accepted": True}, OutcomeUnknown, "outcome_unknown"),
    ({"type": "status", "status": 504, "accepted": True}, OutcomeUnknown, "outcome_unknown"),
    ({"type": "cut_before"}, OutcomeUnknown, "outcome_unknown"),
    ({"type": "cut_after"}, OutcomeUnknown, "outcome_unknown"),
    ({"type": "half_body"}, OutcomeUnknown, "outcome_unknown"),
    ({"type": "malformed", "variant": "body"}, OutcomeUnknown, "outcome_unknown"),
]


@pytest.mark.parametrize(
    ("fault", "expected", "reason"),
    FAULTS,
    ids=lambda value: "-".join(str(v) for v in value.values()) if isinstance(value, dict) else None,
)
async def test_what_an_answer_to_a_submit_proves_and_that_it_is_sent_once(
    fault: dict[str, Any],
    expected: type[NotAccepted | OutcomeUnknown],
    reason: str,
    filmer: FalFilmer,
    vendors: RunningSimulator,
) -> None:
    vendors.fault(**fault)
    with pytest.raises(expected) as raised:
        await filmer.submit(fitted("fal")[0])
    assert raised.value.reason == reason
    assert requests(vendors)["fal.video.submit"] == 1
    billed = fault.get("accepted") or fault["type"] in ("cut_after", "half_body", "malformed")
    assert len(vendors.ledger()) == int(bool(billed))
    assert await filmer.lookup(fitted("fal")[0], 0) is None


async def test_a_lost_film_that_calls_back_may_still_do_so(filmer: FalFilmer) -> None:
    with pytest.raises(NotSeen) as raised:
        await filmer.lookup(fitted("fal", callback="http://127.0.0.1:9/hook")[0], 0)
    assert raised.value.seconds == 1800


async def test_the_sdks_own_submit_would_have_paid_twice(
    vendors: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why the paid call is ours: the SDK sends a call again whose answer was lost, and both are billed."""
    vendors.reset()
    monkeypatch.setattr(fal_client.client, "QUEUE_URL_FORMAT", f"{vendors.url}/fal/")
    vendors.fault("cut_after")
    await fal_client.AsyncClient(key=KEY).submit("fal-ai/veo3.1/fast", {"prompt": "A pier"})
    assert requests(vendors)["fal.video.submit"] == 2
    assert len(vendors.ledger()) == 2


async def test_a_submit_that_takes_too_long_is_sent_once(vendors: RunningSimulator) -> None:
    vendors.reset()
    hasty = open_filmer({"api_key": KEY}, f"{vendors.url}/fal", 0.5)
    vendors.fault("slow", seconds=3, when="after")
    with pytest.raises(OutcomeUnknown):
        await hasty.submit(fitted("fal")[0])
    await hasty.close()
    assert requests(vendors)["fal.video.submit"] == 1


async def test_fal_is_told_not_to_try_again_by_itself_and_where_to_call(vendors: RunningSimulator) -> None:
    sent: list[httpx2.Request] = []

    async def note(request: httpx2.Request) -> None:
        sent.append(request)

    async with httpx2.AsyncClient(event_hooks={"request": [note]}, trust_env=False) as http:
        filmer = FalFilmer(base_url=f"{vendors.url}/fal", api_key=KEY, seconds=10, http=http)
        operation = await accepted(filmer, fitted("fal", callback="http://127.0.0.1:9/hook?id=7&x=1")[0])
        assert isinstance(await ended(filmer, operation), Finished)
        await filmer.fetch(operation)
        await filmer.close()
    (submit,) = [one for one in sent if one.method == "POST"]
    assert submit.headers["x-fal-no-retry"] == "1"
    assert submit.url.params["fal_webhook"] == "http://127.0.0.1:9/hook?id=7&x=1"
    media = [one for one in sent if "/media/" in one.url.path]
    assert media
    assert all(KEY not in str(one.headers.raw) for one in media)


@pytest.mark.parametrize(
    ("fault", "reason", "retryable"), [("refusal", "model_refused", False), ("fail_job", "vendor_failed", True)]
)
async def test_how_a_film_ends_without_a_film(
    fault: str, reason: str, retryable: bool, filmer: FalFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault(fault)
    operation = await accepted(filmer, fitted("fal")[0])
    status = await ended(filmer, operation)
    assert isinstance(status, Refused)
    assert (status.reason, status.retryable, status.charged) == (reason, retryable, False)


async def test_a_result_that_cannot_be_read_now_is_no_failure(filmer: FalFilmer, vendors: RunningSimulator) -> None:
    operation = await accepted(filmer, fitted("fal")[0])
    await ended(filmer, operation)
    for status in (429, 500, 502):
        vendors.fault("status", match={"path_regex": "requests/[0-9a-f]+$"}, status=status)
        with pytest.raises(VendorAway):
            await filmer.poll(operation)
    assert isinstance(await filmer.poll(operation), Finished)


@pytest.mark.parametrize("status", [403, 408, 429, 500, 502])
async def test_a_read_that_fails_loses_nothing_and_is_made_once(
    status: int, filmer: FalFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("stall", seconds=60)
    operation = await accepted(filmer, fitted("fal")[0])
    assert isinstance(await filmer.poll(operation), Pending)
    before = int(str(requests(vendors)["fal.video.read"]))
    vendors.fault("status", match={"op": "read"}, status=status)
    with pytest.raises(VendorAway):
        await filmer.poll(operation)
    vendors.fault("malformed", match={"op": "read"}, variant="body")
    with pytest.raises(VendorAway):
        await filmer.poll(operation)
    vendors.fault("cut_before", match={"op": "read"})
    with pytest.raises(VendorAway):
        await filmer.poll(operation)
    vendors.fault("half_body", match={"op": "read"})
    with pytest.raises(VendorAway):
        await filmer.poll(operation)
    assert requests(vendors)["fal.video.read"] == before + 4


async def test_a_read_that_hangs_ends(
    filmer: FalFilmer, vendors: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fal, "_READ_SECONDS", 0.3)
    vendors.fault("stall", seconds=60)
    operation = await accepted(filmer, fitted("fal")[0])
    vendors.fault("slow", match={"op": "any"}, seconds=5, times=2)
    with pytest.raises(VendorAway):
        await filmer.poll(operation)
    vendors.clear_faults()
    vendors.fault("slow", match={"op": "delete"}, seconds=5)
    await filmer.cancel(operation)


async def test_cancelling_asks_the_queue_and_never_raises(
    filmer: FalFilmer, vendors: RunningSimulator, capsys: pytest.CaptureFixture[str]
) -> None:
    vendors.fault("stall", seconds=60)
    operation = await accepted(filmer, fitted("fal")[0])
    await filmer.cancel(operation)
    status = await ended(filmer, operation)
    assert isinstance(status, Refused)
    assert "cancelled" in status.message
    await filmer.cancel(operation)
    await filmer.cancel("nothing of ours")
    assert requests(vendors)["fal.video.delete"] == 2
    told = capsys.readouterr()
    assert "vendor_cancel_failed" in told.out + told.err
    assert KEY not in told.out + told.err


async def test_an_expired_url_is_asked_for_again_and_a_film_that_is_gone_is_gone(
    filmer: FalFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("expired_content", status=403)
    operation = await accepted(filmer, fitted("fal")[0])
    await ended(filmer, operation)
    assert (await filmer.fetch(operation)).body
    vendors.fault("expired_content", status=410, seconds=9)
    gone = await accepted(filmer, fitted("fal")[0])
    await ended(filmer, gone)
    with pytest.raises(NotAccepted) as raised:
        await filmer.fetch(gone)
    assert raised.value.reason == "product_gone"
    forgotten = operation.replace("/requests/", "/requests/0")
    assert isinstance(status := await filmer.poll(forgotten), Refused)
    assert status.reason == "operation_gone"


async def test_an_operation_of_another_host_is_never_asked_for(filmer: FalFilmer, vendors: RunningSimulator) -> None:
    elsewhere = "veo3.1 " + " ".join(["http://localhost:1/x"] * 3)
    for ask in (filmer.poll, filmer.fetch):
        with pytest.raises(VendorAway, match="not asked for at this host"):
            await ask(elsewhere)
    assert requests(vendors) == {}


@pytest.mark.parametrize(("key", "reason"), [("fal-bad:one", "invalid_key"), ("fal-quota:gone", "quota_exceeded")])
async def test_a_key_that_does_not_work_is_told_without_paying(
    key: str, reason: str, vendors: RunningSimulator
) -> None:
    vendors.reset()
    filmer = open_filmer({"api_key": key}, f"{vendors.url}/fal", 10)
    with pytest.raises(KeyRefused) as raised:
        await filmer.check_key()
    assert raised.value.reason == reason
    with pytest.raises(NotAccepted) as refused:
        await filmer.submit(fitted("fal")[0])
    assert refused.value.reason == ("vendor_key_refused" if reason == "invalid_key" else "vendor_quota")
    assert key not in f"{raised.value} {refused.value}"
    assert vendors.ledger() == []
    await filmer.close()


async def test_a_good_key_works_and_a_failing_host_tells_nothing(filmer: FalFilmer) -> None:
    await filmer.check_key()
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _: httpx2.Response(500))) as http:
        failing = FalFilmer(base_url="https://queue.example.com", api_key=KEY, seconds=1, http=http)
        with pytest.raises(VendorAway, match="500"):
            await failing.check_key()
        await failing.close()
    away = open_filmer({"api_key": KEY}, "http://127.0.0.1:9", 1)
    with pytest.raises(VendorAway):
        await away.check_key()
    with pytest.raises(NotAccepted) as raised:
        await away.submit(fitted("fal")[0])
    assert raised.value.reason == "vendor_away"
    await away.close()


@pytest.mark.parametrize(("fault", "status"), [("", "OK"), ("refusal", "ERROR"), ("duplicate_webhook", "OK")])
async def test_callbacks_are_signed_with_the_published_key(
    fault: str, status: str, filmer: FalFilmer, vendors: RunningSimulator
) -> None:
    notes: list[tuple[dict[str, str], bytes]] = []

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        notes.append((headers, await reader.readexactly(int(headers["content-length"]))))
        writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    wanted = 3 if fault == "duplicate_webhook" else 1
    if fault:
        vendors.fault(fault)
    async with await asyncio.start_server(hear, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        operation = await accepted(filmer, fitted("fal", callback=f"http://127.0.0.1:{port}/hook")[0])
        async with asyncio.timeout(20):
            while len(notes) < wanted:
                await asyncio.sleep(0.05)
    with urllib.request.urlopen(f"{vendors.url}/fal/.well-known/jwks.json") as answer:
        (published,) = json.load(answer)["keys"]
    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(published["x"] + "="))
    for headers, body in notes:
        names = ("x-fal-webhook-request-id", "x-fal-webhook-user-id", "x-fal-webhook-timestamp")
        signed = "\n".join((*(headers[name] for name in names), hashlib.sha256(body).hexdigest())).encode()
        signature = bytes.fromhex(headers["x-fal-webhook-signature"])
        key.verify(signature, signed)
        with pytest.raises(InvalidSignature):
            key.verify(signature, signed + b"0")
        told = json.loads(body)
        assert told["status"] == status
        assert told["request_id"] in operation
