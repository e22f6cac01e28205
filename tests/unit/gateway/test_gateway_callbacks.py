"""Proofs of vendors' callbacks: what each vendor signs is taken, and whatever is changed, old, foreign or missing is refused."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from standardwebhooks import Webhook

from kit import callbacks
from kit.errors import Unavailable
from services.gateway.callbacks.desk import CallbackDesk, Heard
from services.gateway.callbacks.fal import FalSignature, PublishedKeys, keys_of
from services.gateway.callbacks.proof import Callback, Verifier
from services.gateway.callbacks.standard import StandardSignature
from services.gateway.config import GatewaySettings
from services.gateway.problems import Problem
from simulator.notes import standard

HOUSE = "the secret of this house in tests, long enough"
SUBMISSION = "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
ONE, TWO = (f"whsec_{base64.b64encode(word * 4).decode()}" for word in (b"first-key", b"other-key"))
JSON = {"content-type": "application/json"}
BODY = b'{"id":"pred-1","status":"succeeded"}'
NOW = 1_790_000_000.0
URL = "https://keys.example/jwks.json"
Sent = tuple[dict[str, str], bytes]


async def refused(verifier: Verifier, headers: dict[str, str], body: bytes) -> bool:
    """Whether it is refused as every other: nothing tells what was wrong."""
    try:
        await verifier.verify(Callback(headers, body))
    except Problem as problem:
        return (problem.status, problem.reason, problem.detail) == (
            401,
            "unverified_callback",
            "This callback cannot be verified.",
        )
    return False


# ---- Standard Webhooks: Replicate and OpenAI ----------------------------------------------------------------


def signed(body: bytes = BODY, secret: str = ONE, age: int = 0) -> dict[str, str]:
    return standard(secret, "msg_1", int(time.time()) - age, body) | JSON


async def test_what_the_account_signed_is_taken_with_any_of_its_secrets() -> None:
    verifier = StandardSignature([TWO, ONE])
    assert not await refused(verifier, signed(), BODY)
    assert not await refused(verifier, signed(secret=TWO), BODY)
    # The reference implementation signs the same.
    reference = Webhook(ONE)
    assert signed(age=3)["webhook-signature"].startswith("v1,")
    body = '{"grün": "🎬"}'
    headers = standard(ONE, "msg_1", int(time.time()), body.encode())
    reference.verify(body, headers)
    assert not await refused(verifier, headers, body.encode())


@pytest.mark.parametrize("age", [-301, -3600, 301, 86_400])
async def test_a_moment_that_is_not_now_is_refused(age: int) -> None:
    assert await refused(StandardSignature([ONE]), signed(age=age), BODY)
    assert not await refused(StandardSignature([ONE]), signed(age=age // abs(age) * 280), BODY)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
async def test_a_missing_or_empty_header_is_refused(missing: str) -> None:
    verifier, headers = StandardSignature([ONE]), signed()
    assert await refused(verifier, {name: value for name, value in headers.items() if name != missing}, BODY)
    assert await refused(verifier, headers | {missing: ""}, BODY)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "1e400"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,%%%"},
        {"webhook-signature": "v1a,AAAA"},
        {"webhook-signature": "v1,AAAA v1,BBBB"},
        {"webhook-signature": "v1,\udcff"},
    ],
)
async def test_changed_headers_are_refused(change: dict[str, str]) -> None:
    assert await refused(StandardSignature([ONE]), signed() | change, BODY)


async def test_another_accounts_secret_and_another_body_are_refused() -> None:
    assert await refused(StandardSignature([ONE]), signed(secret=TWO), BODY)
    assert await refused(StandardSignature([ONE]), signed(), BODY + b" ")
    assert await refused(StandardSignature([ONE]), signed(b"\xff\xfe"), b"\xff\xfe"), "a body that is no text"
    assert await refused(StandardSignature([]), signed(), BODY), "no secret verifies nothing"


@given(place=st.integers(0, len(BODY) - 1), bit=st.integers(0, 7))
async def test_no_single_changed_bit_passes(place: int, bit: int) -> None:
    changed = bytearray(BODY)
    changed[place] ^= 1 << bit
    assert await refused(StandardSignature([ONE]), signed(), bytes(changed))


# ---- fal: Ed25519 under published keys ----------------------------------------------------------------------


class Publisher:
    """fal's host of keys: what it shows, and how often it was asked."""

    def __init__(self, *keys: Ed25519PrivateKey) -> None:
        self.document: Any = jwks(*keys)
        self.status = 200
        self.asked = 0

    def client(self) -> httpx.AsyncClient:
        def answer(request: httpx.Request) -> httpx.Response:
            self.asked += 1
            if self.status == 0:
                raise httpx.ConnectError("away")
            content = self.document if isinstance(self.document, bytes) else json.dumps(self.document).encode()
            return httpx.Response(self.status, content=content)

        return httpx.AsyncClient(transport=httpx.MockTransport(answer))


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def jwks(*keys: Ed25519PrivateKey) -> dict[str, Any]:
    def shown(number: int, key: Ed25519PrivateKey) -> dict[str, str]:
        x = base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).decode().rstrip("=")
        return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": str(number), "x": x}

    return {"keys": [shown(number, key) for number, key in enumerate(keys)]}


def by_fal(key: Ed25519PrivateKey, body: bytes = BODY, at: float = NOW) -> dict[str, str]:
    told = "\n".join(("req-1", "user-1", str(int(at)), hashlib.sha256(body).hexdigest()))
    return {
        "x-fal-webhook-request-id": "req-1",
        "x-fal-webhook-user-id": "user-1",
        "x-fal-webhook-timestamp": str(int(at)),
        "x-fal-webhook-signature": key.sign(told.encode()).hex(),
    }


def verifier_of(publisher: Publisher, clock: Callable[[], float] | None = None) -> FalSignature:
    return FalSignature(PublishedKeys(URL, publisher.client(), clock or Clock()), lambda: NOW)


KEYS = [Ed25519PrivateKey.generate() for _ in range(3)]


async def test_what_fal_signed_is_taken_and_its_keys_are_read_once() -> None:
    publisher = Publisher(*KEYS[:2])
    verifier = verifier_of(publisher)
    for _ in range(5):
        for key in KEYS[:2]:
            assert not await refused(verifier, by_fal(key), BODY)
    assert publisher.asked == 1


@pytest.mark.parametrize("at", [NOW - 301, NOW + 301, 0.0])
async def test_a_moment_of_fals_that_is_not_now_is_refused(at: float) -> None:
    publisher = Publisher(*KEYS)
    assert await refused(verifier_of(publisher), by_fal(KEYS[0], at=at), BODY)
    assert publisher.asked == 0, "a stale callback costs no request"


@pytest.mark.parametrize("name", ["request-id", "user-id", "timestamp", "signature"])
async def test_a_header_of_fals_that_is_missing_or_changed_is_refused(name: str) -> None:
    headers, place = by_fal(KEYS[0]), f"x-fal-webhook-{name}"
    for changed in ("", "x", headers[place][:-1] + ("0" if headers[place][-1] != "0" else "1"), "²" * 128):
        assert await refused(verifier_of(Publisher(*KEYS)), headers | {place: changed}, BODY)
    assert await refused(verifier_of(Publisher(*KEYS)), {n: v for n, v in headers.items() if n != place}, BODY)


async def test_a_changed_body_and_a_key_that_is_not_published_are_refused() -> None:
    assert await refused(verifier_of(Publisher(*KEYS)), by_fal(KEYS[0]), BODY.replace(b"succeeded", b"succeeden"))
    assert await refused(verifier_of(Publisher(*KEYS[1:])), by_fal(KEYS[0]), BODY)


async def test_a_new_key_is_read_and_forgeries_do_not_become_requests_to_fal() -> None:
    clock, publisher = Clock(), Publisher(KEYS[0])
    verifier = verifier_of(publisher, clock)
    assert not await refused(verifier, by_fal(KEYS[0]), BODY)
    publisher.document = jwks(*KEYS[:2])
    assert await refused(verifier, by_fal(KEYS[1]), BODY), "the keys were read just now"
    clock.now += 31
    assert not await refused(verifier, by_fal(KEYS[1]), BODY)
    for _ in range(50):
        clock.now += 0.1
        assert await refused(verifier, by_fal(KEYS[2]), BODY)
    assert publisher.asked == 2


async def test_keys_serve_for_a_day_while_fal_is_away_and_then_callbacks_are_to_come_again() -> None:
    clock, publisher = Clock(), Publisher(KEYS[0])
    verifier = verifier_of(publisher, clock)
    assert not await refused(verifier, by_fal(KEYS[0]), BODY)
    for status, document in (
        (0, {}),
        (500, {}),
        (302, jwks(KEYS[1])),
        (200, b"<html>"),
        (200, {"keys": []}),
        (200, []),
    ):
        publisher.status, publisher.document = status, document
        clock.now += 3601
        assert not await refused(verifier, by_fal(KEYS[0]), BODY)
    clock.now += 24 * 3600
    with pytest.raises(Unavailable) as away:
        await verifier.verify(Callback(by_fal(KEYS[0]), BODY))
    assert (away.value.reason, away.value.retryable) == ("keys_away", True)


async def test_without_any_keys_a_callback_is_to_come_again() -> None:
    publisher = Publisher()
    publisher.document = b"x" * (64 * 1024 + 1)
    with pytest.raises(Unavailable):
        await verifier_of(publisher).verify(Callback(by_fal(KEYS[0]), BODY))


def test_keys_of_other_kinds_are_left_out_and_their_number_has_a_limit() -> None:
    (good,) = jwks(KEYS[0])["keys"]
    strange: list[Any] = [
        good | {"kty": "EC"},
        good | {"crv": "X25519"},
        good | {"use": "enc"},
        good | {"x": "AAAA"},
        good | {"x": 5},
        {},
        "x",
    ]
    assert len(keys_of({"keys": [*strange, good]})) == 1
    assert len(keys_of({"keys": [good] * 100})) == 16
    empty: list[Any] = [{}, [], {"keys": {}}]
    for document in empty:
        with pytest.raises(ValueError, match="no JWKS"):
            keys_of(document)


# ---- The desk: who must prove what ---------------------------------------------------------------------------


def query(
    vendor: str, key: str = callbacks.OPERATOR, submission: str = SUBMISSION, secret: str = HOUSE
) -> dict[str, str]:
    return {"submission": submission, "key": key, "token": callbacks.token(secret, vendor, submission, key)}


def desk() -> CallbackDesk:
    signature = StandardSignature([ONE])
    return CallbackDesk(HOUSE, {"openai": signature, "replicate": signature, "fal": verifier_of(Publisher(KEYS[0]))})


@pytest.mark.parametrize("vendor", ["luma", "kling", "runway", "seedance", "gemini", "somebody"])
async def test_a_vendor_that_signs_nothing_proves_itself_by_its_url(vendor: str) -> None:
    for body in (b"", b"no json", b'{"id": "x"}'):
        assert await desk().hear(vendor, query(vendor), Callback({}, body)) == Heard(SUBMISSION)
    other = SUBMISSION.replace("0197", "0198")
    for wrong in (
        {},
        query("another"),
        query(vendor) | {"submission": other},
        query(vendor) | {"key": callbacks.USER},
        query(vendor) | {"token": ""},
        query(vendor) | {"token": query(vendor)["token"].upper() + "0"},
        query(vendor) | {"token": "é" * 32},
        query(vendor, secret="another house"),
        query(vendor, submission="no uuid"),
    ):
        with pytest.raises(Problem) as raised:
            await desk().hear(vendor, wrong, Callback({}, b"{}"))
        assert raised.value.status == 401


async def test_fal_and_replicate_need_their_url_and_their_signature() -> None:
    fal = b'{"request_id": "req-1", "status": "OK"}'
    proofs: dict[str, tuple[dict[str, str], bytes, Heard]] = {
        "fal": (by_fal(KEYS[0], fal) | JSON, fal, Heard(SUBMISSION, "req-1")),
        "replicate": (signed(), BODY, Heard(SUBMISSION)),
    }
    for vendor, (headers, body, heard) in proofs.items():
        assert await desk().hear(vendor, query(vendor), Callback(headers, body)) == heard
        for asked, shown in ((query(vendor), JSON), ({}, headers), (query("luma"), headers)):
            with pytest.raises(Problem) as raised:
                await desk().hear(vendor, asked, Callback(shown, body))
            assert raised.value.status == 401


async def test_of_a_users_replicate_account_the_url_is_the_proof() -> None:
    asked = query("replicate", callbacks.USER)
    assert await desk().hear("replicate", asked, Callback(JSON, BODY)) == Heard(SUBMISSION)
    with pytest.raises(Problem):
        await desk().hear("replicate", asked | {"key": callbacks.OPERATOR}, Callback(JSON, BODY))
    fal = Callback(JSON, b"{}")
    with pytest.raises(Problem):
        await desk().hear("fal", query("fal", callbacks.USER), fal)


@pytest.mark.parametrize(
    ("event", "operation"),
    [
        ({"type": "video.completed", "data": {"id": "video_1"}}, "video_1"),
        ({"type": "video.failed", "data": {"id": "video_1"}}, "video_1"),
        ({"type": "response.completed", "data": {"id": "resp_1"}}, ""),
        ({"type": "video.completed", "data": {"id": 5}}, ""),
        ({"type": "video.completed", "data": {"id": "x y"}}, ""),
        ({"type": "video.completed", "data": {"id": "x" * 201}}, ""),
        ({"type": "video.completed", "data": []}, ""),
        ({}, ""),
    ],
)
async def test_openais_events_name_the_film_and_their_signature_is_the_proof(event: Any, operation: str) -> None:
    body = json.dumps(event).encode()
    assert await desk().hear("openai", {}, Callback(signed(body), body)) == Heard("", operation)
    for headers in (JSON, signed(body, TWO)):
        with pytest.raises(Problem):
            # A token of ours does not stand for OpenAI's signature.
            await desk().hear("openai", query("openai"), Callback(headers, body))
    with pytest.raises(Problem):
        await CallbackDesk(HOUSE, {}).hear("openai", {}, Callback(signed(body), body))


@pytest.mark.parametrize(
    ("body", "heard"),
    [
        ({"challenge": "abc"}, Heard(challenge="abc")),
        ({"challenge": ""}, Heard(SUBMISSION)),
        ({"challenge": 5, "task_id": "7"}, Heard(SUBMISSION, "7")),
        ({"challenge": "x" * 1025}, Heard(SUBMISSION)),
        ({"task": {"id": "8"}}, Heard(SUBMISSION, "8")),
    ],
)
async def test_minimax_hears_its_challenge_again(body: Any, heard: Heard) -> None:
    sent = Callback(JSON, json.dumps(body).encode())
    assert await desk().hear("minimax", query("minimax"), sent) == heard
    with pytest.raises(Problem):
        await desk().hear("minimax", {}, sent)
    assert (await desk().hear("luma", query("luma"), sent)).challenge == ""


def test_a_secret_that_is_none_stops_the_start_and_is_not_shown() -> None:
    for value in ("whsec_ ", "whsec_%%%", f"{ONE},x"):
        with pytest.raises(ValidationError) as raised:
            GatewaySettings.model_validate({"SFD_INTERNAL_SECRET": HOUSE, "REPLICATE_WEBHOOK_SECRET": value})
        (told,) = raised.value.errors(include_input=False)
        assert (told["loc"], value in told["msg"]) == (("REPLICATE_WEBHOOK_SECRET",), False)
    settings = GatewaySettings.model_validate({"SFD_INTERNAL_SECRET": HOUSE, "OPENAI_WEBHOOK_SECRET": f"{ONE}, {TWO}"})
    assert (settings.openai_secrets, settings.replicate_secrets) == ((ONE, TWO), ())
    assert ONE not in repr(settings)


def test_a_callback_shows_no_body() -> None:
    assert "succeeded" not in repr(Callback({}, BODY))
