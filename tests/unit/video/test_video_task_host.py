"""Hosts described by data: five of them, as the sample files describe them, against the simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from kit.providers import catalogue
from kit.providers.base import (
    Accepted,
    Call,
    Finished,
    KeyRefused,
    NotAccepted,
    NotSeen,
    OutcomeUnknown,
    Pending,
    Refused,
    VendorAway,
)
from kit.providers.catalogue import Model, Resolved
from services.video.providers import task_host
from services.video.providers.hosts import TaskHost, load_host
from services.video.providers.task_host import TaskHostFilmer, opener
from simulator.jsons import as_dict
from simulator.testing import RunningSimulator
from tests.unit.video.films import SUBMISSION, accepted, ended, picture, requests

SAMPLES = Path(__file__).resolve().parents[3] / "examples" / "task_hosts"
HOSTS = sorted(path.stem for path in SAMPLES.glob("*.json"))
KEY = "sk-task-host-key"
PER_SECOND = {"reseller": 50, "gateway": 60, "dashscope": 83, "vidu": 60, "xai": 70}


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("sim"), video_seconds=0.1) as running:
        yield running


def sample(name: str) -> TaskHost:
    return load_host((SAMPLES / f"{name}.json").read_text())


def filmer_of(name: str, vendors: RunningSimulator, key: str = KEY, seconds: float = 20) -> TaskHostFilmer:
    return opener(sample(name))({"api_key": key}, f"{vendors.url}/tasks/{name}", seconds)


@pytest.fixture(params=HOSTS)
async def filmer(request: pytest.FixtureRequest, vendors: RunningSimulator) -> AsyncIterator[TaskHostFilmer]:
    vendors.reset()
    made = filmer_of(request.param, vendors)
    yield made
    await made.close()


def order(mode: str = "text", **more: Any) -> Call:
    names = {"image": ("image",), "last_frame": ("image", "last_frame"), "references": ("reference_0", "reference_1")}
    request = {"prompt": "A pier at night", "seconds": 6, "size": "720x1280", "mode": mode, "audio": True, **more}
    return Call(SUBMISSION, "sim-film", request, {name: picture() for name in names.get(mode, ())})


def test_there_are_samples_of_all_shapes() -> None:
    assert set(PER_SECOND) == set(HOSTS)


async def test_a_film_is_bought_once_followed_and_fetched(filmer: TaskHostFilmer, vendors: RunningSimulator) -> None:
    operation = await accepted(filmer, order())
    status = await ended(filmer, operation)
    assert isinstance(status, Finished)
    expected = {
        "reseller": {"cost": 12},
        "gateway": {"seconds": 6},
        "dashscope": {"seconds": 6, "films": 1},
        "vidu": {"credits": 72},
        "xai": {"seconds": 6},
    }
    assert status.units == expected[filmer.vendor]
    # Only one of them tells what it billed: 6 seconds for 700,000,000 ticks of 0.1 nano-USD each.
    assert status.cost_nano_usd == (420_000_000 if filmer.vendor == "xai" else None)
    assert (await filmer.fetch(operation)).content_type == "video/mp4"
    (entry,) = vendors.ledger()
    assert (entry["submission"], entry["price_nano_usd"]) == (SUBMISSION, 6_000_000 * PER_SECOND[filmer.vendor])
    assert requests(vendors)[f"{filmer.vendor}.video.submit"] == 1


TAKES = {
    "reseller": {"image": 1, "last_frame": 2, "references": 2},
    "gateway": {"image": 1},
    "dashscope": {"image": 1, "last_frame": 2},
    "vidu": {"image": 1, "last_frame": 2, "references": 2},
    "xai": {"image": 1, "references": 2},
}


@pytest.mark.parametrize("mode", ["image", "last_frame", "references"])
async def test_pictures_are_given_as_each_host_takes_them_or_nothing_is_sent(
    mode: str, filmer: TaskHostFilmer, vendors: RunningSimulator
) -> None:
    if mode in TAKES[filmer.vendor]:
        await filmer.submit(order(mode))
        assert as_dict(vendors.ledger()[0]["units"])["pictures"] == TAKES[filmer.vendor][mode]
    else:
        with pytest.raises(NotAccepted) as raised:
            await filmer.submit(order(mode))
        assert raised.value.reason == "mode_not_supported"
        assert requests(vendors) == {}


async def test_a_film_in_the_making_goes_on(filmer: TaskHostFilmer, vendors: RunningSimulator) -> None:
    vendors.fault("stall", seconds=60)
    operation = await accepted(filmer, order())
    status = await filmer.poll(operation)
    assert isinstance(status, Pending)
    assert status.progress == (0.0 if filmer.vendor in ("reseller", "xai") else None)
    with pytest.raises((NotAccepted, VendorAway)):
        await filmer.fetch(operation)


@pytest.mark.parametrize(
    ("fault", "reason", "retryable"), [("refusal", "model_refused", False), ("fail_job", "vendor_failed", True)]
)
async def test_how_a_film_ends_without_a_film(
    fault: str, reason: str, retryable: bool, filmer: TaskHostFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault(fault)
    status = await ended(filmer, await accepted(filmer, order()))
    assert isinstance(status, Refused)
    assert (status.reason, status.retryable, status.charged) == (reason, retryable, False)


async def test_whether_a_failure_is_charged_is_said_by_the_models_row(
    vendors: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = Model("sim-film", "xai", "video", charged_on_failure=True)
    monkeypatch.setattr(task_host, "resolve", lambda *_: Resolved(row))
    filmer = filmer_of("xai", vendors)
    vendors.reset()
    vendors.fault("refusal")
    status = await ended(filmer, await accepted(filmer, order()))
    assert isinstance(status, Refused)
    assert status.charged
    await filmer.close()


@pytest.mark.parametrize(
    ("fault", "expected", "reason"),
    [
        ({"type": "status", "status": 400}, NotAccepted, "vendor_refused"),
        ({"type": "status", "status": 400, "message": "It breaks our content policy."}, NotAccepted, "model_refused"),
        ({"type": "status", "status": 429, "retry_after": 7}, NotAccepted, "vendor_busy"),
        ({"type": "status", "status": 503}, NotAccepted, "vendor_overloaded"),
        ({"type": "status", "status": 500, "accepted": True}, OutcomeUnknown, "outcome_unknown"),
        ({"type": "status", "status": 502, "accepted": True}, OutcomeUnknown, "outcome_unknown"),
        ({"type": "cut_before"}, OutcomeUnknown, "outcome_unknown"),
        ({"type": "cut_after"}, OutcomeUnknown, "outcome_unknown"),
        ({"type": "half_body"}, OutcomeUnknown, "outcome_unknown"),
        ({"type": "malformed", "variant": "body"}, OutcomeUnknown, "outcome_unknown"),
        ({"type": "refusal", "variant": "200"}, NotAccepted, "model_refused"),
    ],
    ids=lambda value: "-".join(str(v) for v in value.values()) if isinstance(value, dict) else None,
)
async def test_what_an_answer_to_a_submit_proves_and_that_it_is_sent_once(
    fault: dict[str, Any],
    expected: type[NotAccepted | OutcomeUnknown],
    reason: str,
    filmer: TaskHostFilmer,
    vendors: RunningSimulator,
) -> None:
    vendors.fault(**fault)
    with pytest.raises(expected) as raised:
        await filmer.submit(order())
    assert raised.value.reason == reason
    assert requests(vendors)[f"{filmer.vendor}.video.submit"] == 1


async def test_what_a_host_does_not_take_is_its_refusal(filmer: TaskHostFilmer, vendors: RunningSimulator) -> None:
    with pytest.raises(NotAccepted) as raised:
        await filmer.submit(order(seconds=900))
    assert raised.value.reason == "vendor_refused"
    assert "duration" in raised.value.message
    if filmer.vendor == "vidu":
        with pytest.raises(NotAccepted) as unknown:
            await filmer.submit(order("video"))
        assert unknown.value.reason == "mode_not_supported"
    assert vendors.ledger() == []


@pytest.mark.parametrize("key", ["sk-bad-key-1", "sk-quota-key-1"])
async def test_a_key_that_does_not_work_is_told_without_paying(key: str, vendors: RunningSimulator) -> None:
    vendors.reset()
    spent = "quota" in key
    for name in HOSTS:
        filmer = filmer_of(name, vendors, key)
        with pytest.raises(NotAccepted) as refused:
            await filmer.submit(order())
        assert refused.value.reason == ("vendor_quota" if spent else "vendor_key_refused")
        # Hosts quote the key that they refuse; it must not go on from here.
        assert key not in str(refused.value)
        expected = VendorAway if name == "dashscope" else KeyRefused
        with pytest.raises(expected) as raised:
            await filmer.check_key()
        if isinstance(raised.value, KeyRefused):
            assert raised.value.reason == ("quota_exceeded" if spent else "invalid_key")
        await filmer.close()
    assert vendors.ledger() == []


async def test_a_good_key_works_and_a_failing_host_tells_nothing(
    filmer: TaskHostFilmer, vendors: RunningSimulator
) -> None:
    if filmer.vendor != "dashscope":
        await filmer.check_key()
        vendors.fault("status", match={"op": "models"}, status=500)
    with pytest.raises(VendorAway):
        await filmer.check_key()


@pytest.mark.parametrize("status", [403, 429, 500])
async def test_a_read_that_fails_loses_nothing(status: int, filmer: TaskHostFilmer, vendors: RunningSimulator) -> None:
    operation = await accepted(filmer, order())
    await ended(filmer, operation)
    faults: list[dict[str, Any]] = [
        {"type": "status", "status": status},
        {"type": "cut_before"},
        {"type": "malformed", "variant": "body"},
    ]
    for fault in faults:
        vendors.fault(**fault, match={"op": "read"})
        with pytest.raises(VendorAway):
            await filmer.poll(operation)
    assert isinstance(await filmer.poll(operation), Finished)
    gone = await filmer.poll("sim-film nobody")
    assert isinstance(gone, Refused)
    assert (gone.reason, gone.charged) == ("operation_gone", True)


async def test_an_expired_url_is_asked_for_again_and_a_film_that_is_gone_is_gone(
    filmer: TaskHostFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("expired_content", status=403)
    operation = await accepted(filmer, order())
    await ended(filmer, operation)
    assert (await filmer.fetch(operation)).body
    vendors.fault("expired_content", seconds=9)
    gone = await accepted(filmer, order())
    await ended(filmer, gone)
    with pytest.raises(NotAccepted) as raised:
        await filmer.fetch(gone)
    assert raised.value.reason == "product_gone"
    assert len(vendors.ledger()) == 2


async def test_a_lost_film_is_found_where_the_host_keeps_our_id(
    filmer: TaskHostFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("cut_after")
    with pytest.raises(OutcomeUnknown):
        await filmer.submit(order())
    if filmer.vendor != "gateway":
        assert await filmer.lookup(order(), 0) is None
        calling = replace(order(), callback="http://127.0.0.1:9/hook")
        if filmer.vendor == "vidu":  # the only one of them that is told where to call
            with pytest.raises(NotSeen):
                await filmer.lookup(calling, 0)
        else:
            assert await filmer.lookup(calling, 0) is None
        return
    await filmer.submit(replace(order(), submission_id="somebody-elses"))
    assert await filmer.lookup(order(), 0) == Accepted(f"sim-film {vendors.ledger()[0]['operation']}")
    with pytest.raises(NotSeen) as raised:
        await filmer.lookup(replace(order(), submission_id="nobodys"), 0)
    assert raised.value.seconds == 60
    vendors.fault("status", match={"op": "list"}, status=500)
    with pytest.raises(VendorAway):
        await filmer.lookup(order(), 0)


async def test_cancelling_goes_where_it_exists_and_never_raises(
    filmer: TaskHostFilmer, vendors: RunningSimulator
) -> None:
    vendors.fault("stall", seconds=60)
    operation = await accepted(filmer, order())
    await filmer.cancel(operation)
    if filmer.vendor in ("dashscope", "vidu"):
        status = await ended(filmer, operation)
        assert isinstance(status, Refused)
        assert status.reason == "vendor_failed"
        if filmer.vendor == "dashscope":
            assert not status.retryable
    else:
        assert isinstance(await filmer.poll(operation), Pending)
    await filmer.cancel(operation)
    away = opener(sample(filmer.vendor))({"api_key": KEY}, "http://127.0.0.1:9", 1)
    await away.cancel(operation)
    with pytest.raises(NotAccepted) as raised:
        await away.submit(order())
    assert raised.value.reason == "vendor_away"
    await away.close()


async def test_the_key_goes_to_the_host_only(vendors: RunningSimulator) -> None:
    vendors.reset()
    sent: list[tuple[str, bool]] = []

    async def note(request: httpx2.Request) -> None:
        sent.append((request.url.host, KEY in str(request.headers.raw) or KEY in str(request.url)))

    async with httpx2.AsyncClient(event_hooks={"request": [note]}, trust_env=False) as http:
        base = f"{vendors.url}/tasks/xai"
        filmer = TaskHostFilmer(sample("xai"), api_key=KEY, seconds=10, base_url=base, http=http)
        operation = await accepted(filmer, order())
        await ended(filmer, operation)
        assert (await filmer.fetch(operation)).body
    assert {host for host, _ in sent} == {"127.0.0.1", "localhost"}
    assert all(with_key == (host == "127.0.0.1") for host, with_key in sent)


def test_the_sample_hosts_names_clash_with_no_vendor_of_the_house() -> None:
    assert not set(HOSTS) & set(catalogue.house("").vendors("video"))


@pytest.mark.parametrize(
    ("status", "document", "expected", "reason"),
    [
        (200, {"code": "success", "message": "", "data": None}, OutcomeUnknown, "outcome_unknown"),
        (200, {"code": 0, "message": "success"}, OutcomeUnknown, "outcome_unknown"),
        (200, {}, OutcomeUnknown, "outcome_unknown"),
        (200, [], OutcomeUnknown, "outcome_unknown"),
        (302, {"task_id": "t"}, OutcomeUnknown, "outcome_unknown"),
        (200, {"code": "1008", "message": "insufficient balance"}, NotAccepted, "vendor_quota"),
        (200, {"code": "2013", "message": "bad parameter"}, NotAccepted, "vendor_refused"),
        (429, {"code": "Throttling.RateQuota", "message": "Requests rate limit exceeded"}, NotAccepted, "vendor_busy"),
        (429, {"code": "insufficient_quota", "message": "You are out"}, NotAccepted, "vendor_quota"),
        (402, {"message": "Your balance is used up"}, NotAccepted, "vendor_quota"),
    ],
)
async def test_what_other_answers_prove(
    status: int, document: object, expected: type[NotAccepted | OutcomeUnknown], reason: str
) -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(status, json=document))
    async with httpx2.AsyncClient(transport=transport) as http:
        filmer = TaskHostFilmer(sample("reseller"), api_key=KEY, seconds=1, http=http)
        with pytest.raises(expected) as raised:
            await filmer.submit(order())
    assert raised.value.reason == reason


async def test_a_task_that_is_done_without_a_url_is_asked_for_again() -> None:
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, json={"status": "SUCCESS", "data": None}))
    async with httpx2.AsyncClient(transport=transport) as http:
        filmer = TaskHostFilmer(sample("reseller"), api_key=KEY, seconds=1, http=http)
        with pytest.raises(VendorAway):
            await filmer.poll("sim-film t")
