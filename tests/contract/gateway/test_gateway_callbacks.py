"""Where vendors call back, over HTTP: who is heard, what storage is asked, and what nobody is told."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kit import callbacks
from kit.errors import Unavailable
from sfd.jobs.v1 import job_pb2, job_service_pb2
from simulator.notes import standard
from tests.contract.gateway.conftest import FAL_KEYS, SECRET, VENDOR_SECRET, Running
from tests.contract.gateway.full_house import FullHouse

OURS = "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
HEARD = {"heard": True}
FAL_KEY = Ed25519PrivateKey.generate()


@pytest.fixture
def calls(running: Running, house: FullHouse) -> FullHouse:
    """The house with one film on its way at every vendor, and fal's keys where they are read."""
    x = base64.urlsafe_b64encode(FAL_KEY.public_key().public_bytes_raw()).decode()
    running.objects[FAL_KEYS] = json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x}]}).encode()
    house.submissions[OURS] = job_pb2.Submission(id=OURS, vendor="luma", state=job_pb2.SUBMISSION_STATE_RUNNING)
    return house


def url(vendor: str, key: str = callbacks.OPERATOR) -> str:
    return callbacks.url("", SECRET, vendor, OURS, key)


def by_fal(body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    told = "\n".join(("req-1", "u", stamp, hashlib.sha256(body).hexdigest()))
    return {
        "content-type": "application/json",
        "x-fal-webhook-request-id": "req-1",
        "x-fal-webhook-user-id": "u",
        "x-fal-webhook-timestamp": stamp,
        "x-fal-webhook-signature": FAL_KEY.sign(told.encode()).hex(),
    }


def standard_of(body: bytes, age: int = 0) -> dict[str, str]:
    return standard(VENDOR_SECRET, "msg_1", int(time.time()) - age, body) | {"content-type": "application/json"}


def woken(house: FullHouse) -> list[tuple[str, str, str]]:
    asked = [one for one in house.asked if isinstance(one, job_service_pb2.WakeSubmissionRequest)]
    return [(one.vendor, one.submission_id, one.operation_id) for one in asked]


async def test_every_vendor_is_heard_as_it_proves_itself(stranger: httpx.AsyncClient, calls: FullHouse) -> None:
    fal, event = b'{"request_id":"req-1","status":"OK"}', b'{"type":"video.completed","data":{"id":"video_7"}}'
    sent: list[tuple[str, bytes, dict[str, str], tuple[str, str, str]]] = [
        (url("luma"), b'{"id":"x","state":"completed"}', {}, ("luma", OURS, "")),
        (url("replicate"), b'{"id":"p"}', standard_of(b'{"id":"p"}'), ("replicate", OURS, "")),
        (url("replicate", callbacks.USER), b'{"id":"p"}', {}, ("replicate", OURS, "")),
        (url("fal"), fal, by_fal(fal), ("fal", OURS, "req-1")),
        ("/v1/hooks/openai", event, standard_of(event), ("openai", "", "video_7")),
        (url("minimax"), b'{"task_id":"88"}', {"content-type": "application/json"}, ("minimax", OURS, "88")),
        (url("kling"), b"", {}, ("kling", OURS, "")),
    ]
    for path, body, headers, expected in sent:
        answer = await stranger.post(path, content=body, headers=headers)
        assert (answer.status_code, answer.json()) == (200, HEARD), path
        assert woken(calls)[-1] == expected
    assert len(woken(calls)) == len(sent)


async def test_whoever_is_not_proved_is_refused_and_wakes_nobody(stranger: httpx.AsyncClient, calls: FullHouse) -> None:
    body = b'{"request_id":"req-1","status":"OK"}'
    sent: list[tuple[str, bytes, dict[str, str]]] = [
        ("/v1/hooks/luma", body, {}),
        (url("luma").replace("token=", "token=0"), body, {}),
        (url("luma").replace("/luma", "/replicate"), body, standard_of(body)),
        (url("luma").replace("key=operator", "key=user"), body, {}),
        (callbacks.url("", "another house's secret", "luma", OURS), body, {}),
        (url("replicate"), body, {}),
        (url("replicate"), body, standard_of(body, age=400)),
        (url("replicate"), body + b" ", standard_of(body)),
        (url("fal"), body, {}),
        (url("fal"), body + b" ", by_fal(body)),
        ("/v1/hooks/fal", body, by_fal(body)),
        ("/v1/hooks/openai", body, {}),
        (url("openai"), body, {}),
        ("/v1/hooks/minimax", b'{"challenge":"x"}', {"content-type": "application/json"}),
        ("/v1/hooks/nobody", body, {}),
    ]
    for path, content, headers in sent:
        answer = await stranger.post(path, content=content, headers=headers)
        told = answer.json()
        assert (answer.status_code, told["detail"], told["reason"]) == (
            401,
            "This callback cannot be verified.",
            "unverified_callback",
        ), path
        assert answer.headers["www-authenticate"]
        assert told["request_id"] == answer.headers["x-request-id"]
    assert woken(calls) == []


async def test_what_is_unknown_is_answered_like_what_is_known(stranger: httpx.AsyncClient, calls: FullHouse) -> None:
    known = await stranger.post(url("luma"), json={})
    calls.submissions.clear()
    unknown = await stranger.post(url("luma"), json={})
    other = await stranger.post(
        "/v1/hooks/openai", content=(body := b'{"type":"batch.failed"}'), headers=standard_of(body)
    )
    assert [(one.status_code, one.content) for one in (known, unknown, other)] == [(200, known.content)] * 3
    assert len(woken(calls)) == 2, "an event that no film waits for asks nothing of storage"


async def test_minimaxs_challenge_is_repeated_and_wakes_nobody(stranger: httpx.AsyncClient, calls: FullHouse) -> None:
    answer = await stranger.post(url("minimax"), json={"challenge": "c-1"})
    assert (answer.status_code, answer.json()) == (200, {"challenge": "c-1"})
    assert woken(calls) == []


async def test_a_vendor_is_asked_to_come_again_while_storage_is_away(
    stranger: httpx.AsyncClient, calls: FullHouse
) -> None:
    calls.failures["WakeSubmission"] = Unavailable("Storage is away.")
    answer = await stranger.post(url("luma"), json={})
    assert (answer.status_code, bool(answer.headers["retry-after"])) == (503, True)
    assert (await stranger.post(url("luma"), json={})).json() == HEARD


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"no json", "application/json", 400),
        (b"[]", "application/json", 422),
        (b"{}", "text/plain", 415),
        (b'{"a":' + b"[" * 70 + b"]" * 70 + b"}", "application/json", 400),
        (b'{"a":"' + b"x" * (1 << 20) + b'"}', "application/json", 413),
    ],
)
async def test_bodies_that_cannot_be_read(
    stranger: httpx.AsyncClient, calls: FullHouse, content: bytes, kind: str, status: int
) -> None:
    answer = await stranger.post(url("minimax"), content=content, headers={"content-type": kind})
    assert answer.status_code == status, answer.text
    assert isinstance(answer.json()["detail"], str)
    assert woken(calls) == []


@pytest.mark.parametrize("query", [{"token": "x" * 65}, {"submission": "x" * 65}, {"key": "x" * 17}])
async def test_parameters_that_are_too_long(stranger: httpx.AsyncClient, query: Any) -> None:
    answer = await stranger.post("/v1/hooks/luma", params=query, json={})
    assert (answer.status_code, answer.json()["field"]) == (422, next(iter(query)))
