"""Callbacks of the simulated vendors, each in its vendor's own scheme, and how they misbehave when they are told to."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError

from simulator.jsons import as_dict, as_list, as_str
from simulator.testing import RunningSimulator

SECRET = "whsec_" + base64.b64encode(b"of openai's webhooks").decode()
KEY = "key-of:the-tests"
Note = tuple[str, dict[str, str], bytes]


@dataclass
class Ear:
    """A receiver: what it hears (path, headers, body), and the statuses that it answers, the last one for ever."""

    notes: list[Note] = field(default_factory=list)
    statuses: list[int] = field(default_factory=lambda: [200])
    url: str = ""

    def wait(self, count: int) -> list[Note]:
        """Returns the notes once there are so many."""
        for _ in range(600):
            if len(self.notes) >= count:
                return self.notes
            time.sleep(0.05)
        raise AssertionError(f"{len(self.notes)} notes came, not {count}")


@pytest.fixture
def ear(sim: RunningSimulator) -> Iterator[Ear]:
    made = Ear()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            challenge = as_dict(json.loads(body)).get("challenge")
            reply = json.dumps({"challenge": challenge}).encode() if challenge else b"{}"
            if not challenge:
                made.notes.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status = 200
            if not challenge:
                status = made.statuses.pop(0) if len(made.statuses) > 1 else made.statuses[0]
            self.send_response(status)
            self.send_header("content-length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}/hook?token=abc"
    yield made
    httpx.delete(f"{sim.url}/_sim/webhook", trust_env=False)
    server.shutdown()
    server.server_close()


@pytest.fixture
def http(sim: RunningSimulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sim.url, timeout=20, trust_env=False) as client:
        yield client


def submit(http: httpx.Client, sim: RunningSimulator, vendor: str, url: str) -> str:
    """Orders a film that calls back; returns the vendor's id of it."""
    bearer = {"authorization": f"Bearer {KEY}"}
    answer: httpx.Response
    match vendor:
        case "fal":
            path = "/fal/fal-ai/veo3.1/fast"
            given = {"prompt": "A pier", "aspect_ratio": "9:16", "duration": "4s", "resolution": "720p"}
            headers = {"authorization": f"Key {KEY}"}
            answer = http.post(path, params={"fal_webhook": url}, json=given, headers=headers)
            return str(answer.json()["request_id"])
        case "replicate":
            path = "/replicate/v1/models/google/veo-3.1-fast/predictions"
            body: dict[str, Any] = {"input": {"prompt": "A pier", "duration": 4}, "webhook": url}
            return str(http.post(path, json=body, headers=bearer).json()["id"])
        case "openai":
            sim.webhook(url, SECRET)
            body = {"model": "sim-video-1", "prompt": "A pier", "seconds": "4"}
            return str(http.post("/openai/v1/videos", json=body, headers=bearer).json()["id"])
        case "minimax":
            body = {"model": "MiniMax-Hailuo-2.3", "prompt": "A pier", "duration": 6, "resolution": "768P"}
            answer = http.post("/minimax/v1/video_generation", json=body | {"callback_url": url}, headers=bearer)
            return str(answer.json()["task_id"])
        case _:
            raise AssertionError(vendor)


def verify_fal(http: httpx.Client, note: Note) -> None:
    _, headers, body = note
    (shown,) = http.get("/fal/.well-known/jwks.json").json()["keys"]
    names = ("x-fal-webhook-request-id", "x-fal-webhook-user-id", "x-fal-webhook-timestamp")
    told = "\n".join((*(headers[name] for name in names), hashlib.sha256(body).hexdigest())).encode()
    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(shown["x"] + "=="))
    key.verify(bytes.fromhex(headers["x-fal-webhook-signature"]), told)


def verify_replicate(http: httpx.Client, note: Note) -> None:
    headers = {"authorization": f"Bearer {KEY}"}
    secret = http.get("/replicate/v1/webhooks/default/secret", headers=headers).json()["key"]
    Webhook(secret).verify(note[2], note[1])


def verify_openai(http: httpx.Client, note: Note) -> None:
    Webhook(SECRET).verify(note[2], note[1])


VERIFY: dict[str, Callable[[httpx.Client, Note], None]] = {
    "fal": verify_fal,
    "replicate": verify_replicate,
    "openai": verify_openai,
}
ALL = pytest.mark.parametrize("vendor", ["fal", "replicate", "openai", "minimax"])
SIGNING = pytest.mark.parametrize("vendor", list(VERIFY))


def callbacks(sim: RunningSimulator) -> dict[str, Any]:
    return dict(as_dict(sim.stats()["callbacks"]))


def counted(sim: RunningSimulator, wanted: dict[str, int]) -> None:
    """Waits until the answers to callbacks are counted so."""
    for _ in range(400):
        if callbacks(sim) == wanted:
            return
        time.sleep(0.05)
    raise AssertionError(callbacks(sim))


@SIGNING
def test_a_vendor_signs_as_its_documentation_says(
    sim: RunningSimulator, http: httpx.Client, ear: Ear, vendor: str
) -> None:
    identity = submit(http, sim, vendor, ear.url)
    (note,) = ear.wait(1)
    VERIFY[vendor](http, note)
    told = json.loads(note[2])
    assert identity in (told.get("request_id"), told.get("id"), as_dict(told.get("data")).get("id"))
    with pytest.raises((InvalidSignature, WebhookVerificationError)):
        VERIFY[vendor](http, (note[0], note[1], note[2] + b" "))
    counted(sim, {f"{vendor}.200": 1})


def test_openai_says_how_a_film_ended(sim: RunningSimulator, http: httpx.Client, ear: Ear) -> None:
    made = submit(http, sim, "openai", ear.url)
    sim.fault("fail_job", match={"vendor": "openai"})
    failed = submit(http, sim, "openai", ear.url)
    notes = {event["data"]["id"]: event["type"] for event in (json.loads(note[2]) for note in ear.wait(2))}
    assert notes == {made: "video.completed", failed: "video.failed"}
    http.delete("/_sim/webhook")
    answer = http.put("/_sim/webhook", json={"url": "https://us.example", "secret": SECRET})
    assert answer.status_code == 400, "the simulator never leaves this machine"


@ALL
def test_callbacks_come_as_they_are_told_to(sim: RunningSimulator, http: httpx.Client, ear: Ear, vendor: str) -> None:
    for fault, count in (
        ("duplicate_webhook", 3),
        ("early_webhook", 2),
        ("out_of_order_webhook", 2),
        ("late_webhook", 1),
    ):
        sim.reset()
        ear.notes.clear()
        sim.fault(fault, match={"vendor": vendor}, seconds=0.5)
        submit(http, sim, vendor, ear.url)
        if fault == "early_webhook":
            assert len(ear.notes) == 1, "it came before the answer to the submit"
        notes = ear.wait(count)
        if vendor in VERIFY:
            for note in notes:
                VERIFY[vendor](http, note)
        if vendor == "openai" and fault == "out_of_order_webhook":
            assert [as_str(json.loads(n[2])["type"]) for n in notes] == ["video.completed", "video.queued"]
        if vendor == "replicate" and fault == "out_of_order_webhook":
            assert [json.loads(n[2])["status"] for n in notes] == ["succeeded", "starting"]
        counted(sim, {f"{vendor}.200": count})


@ALL
def test_a_forged_callback_has_another_body_or_another_url(
    sim: RunningSimulator, http: httpx.Client, ear: Ear, vendor: str
) -> None:
    sim.fault("forged_webhook", match={"vendor": vendor})
    submit(http, sim, vendor, ear.url)
    (note,) = ear.wait(1)
    if vendor in VERIFY:
        with pytest.raises((InvalidSignature, WebhookVerificationError)):
            VERIFY[vendor](http, note)
        assert json.loads(note[2]), "what it says is the same"
        assert note[0].endswith("token=abc")
        sim.fault("forged_webhook", match={"vendor": vendor}, variant="token")
        submit(http, sim, vendor, ear.url)
        note = ear.wait(2)[1]
        VERIFY[vendor](http, note)
    assert note[0].endswith("token=ab0")


@ALL
def test_no_callback_comes_where_none_is_wanted(
    sim: RunningSimulator, http: httpx.Client, ear: Ear, vendor: str
) -> None:
    sim.fault("no_webhook", match={"vendor": vendor})
    submit(http, sim, vendor, ear.url)
    submit(http, sim, vendor, ear.url)
    ear.wait(1)
    counted(sim, {f"{vendor}.200": 1})
    assert len(ear.notes) == 1
    assert len(as_list(sim.ledger())) == 2


@ALL
def test_a_receiver_that_breaks_is_tried_again_and_one_that_refuses_is_not(
    sim: RunningSimulator, http: httpx.Client, ear: Ear, vendor: str
) -> None:
    ear.statuses[:] = [500, 503, 401]
    submit(http, sim, vendor, ear.url)
    notes = ear.wait(3)
    counted(sim, {f"{vendor}.500": 1, f"{vendor}.503": 1, f"{vendor}.401": 1})
    assert len({note[2] for note in notes}) == 1, "every try says the same"
