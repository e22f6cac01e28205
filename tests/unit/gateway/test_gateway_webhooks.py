"""Signatures that the published library takes, what answers mean, and that nothing changed is taken."""

from __future__ import annotations

import base64
import json
import random
import time
import uuid

import grpc
import httpx
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from kit.egress.client import Answer, Egress
from kit.egress.rules import Allowed, Rules
from kit.vault.envelope import Place, new_data_key, seal
from kit.vault.master import LocalMasterKeys, wrap
from kit.vault.secrets import Secrets
from services.gateway.feed import event_json
from services.gateway.webhooks import signing
from services.gateway.webhooks.sender import Result, Sender, judge, retry_after
from sfd.jobs.v1 import job_pb2
from sfd.vault.v1.vault_service_pb2_grpc import VaultServiceStub
from sfd.webhooks.v1 import webhook_pb2
from sfd.webhooks.v1 import webhook_service_pb2 as rpc

ACCOUNT = str(uuid.uuid4())
EVENT = job_pb2.Event(
    pos=7,
    run_public_id="job_x",
    type="run.succeeded",
    drama_id="d",
    seq=3,
    data_json='{"kind": "generate_drama", "title": "물"}',
    created_at=Timestamp(seconds=1_763_600_000, nanos=250_000_000),
)


def test_a_known_vector_is_signed_as_published() -> None:
    """The vector of the specification's reference libraries."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signing.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', [secret])
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert (made["webhook-id"], made["webhook-timestamp"]) == ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330")


def test_the_body_is_what_a_stream_shows_and_never_changes() -> None:
    body = signing.body_of(EVENT)
    assert body == signing.body_of(EVENT)
    told = json.loads(body)
    assert told == {"type": "run.succeeded", "timestamp": "2025-11-20T00:53:20.250Z", "data": event_json(EVENT)}


def test_the_published_library_takes_it_with_each_secret() -> None:
    old, new, other = signing.new_secret(), signing.new_secret(), signing.new_secret()
    body = signing.body_of(EVENT)
    made = signing.headers("msg_7_x", int(time.time()), body, [new, old])
    for secret in (new, old):
        assert Webhook(signing.shown(secret)).verify(body, made) == json.loads(body)
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.shown(other)).verify(body, made)


def test_ten_thousand_changed_messages_are_refused() -> None:
    rng = random.Random(14)
    secret = signing.new_secret()
    body = signing.body_of(EVENT)
    verifier = Webhook(signing.shown(secret))
    now = int(time.time())
    good = signing.headers("msg_7_x", now, body, [secret])
    verifier.verify(body, good)
    signature = good["webhook-signature"].removeprefix("v1,")
    refused = 0
    for number in range(10_000):
        changed, sent = dict(good), bytearray(body)
        match number % 5:
            case 0:
                sent[rng.randrange(len(sent))] ^= 1 << rng.randrange(7)
            case 1:
                changed["webhook-id"] = f"msg_{number + 8}_x"
            case 2:
                changed["webhook-timestamp"] = str(now + rng.choice([-1, 1]) * rng.randrange(1, 10_000))
            case 3:
                raw = bytearray(base64.b64decode(signature))
                raw[rng.randrange(32)] ^= 1 << rng.randrange(8)
                changed["webhook-signature"] = f"v1,{base64.b64encode(raw).decode()}"
            case _:
                changed["webhook-signature"] = rng.choice(
                    ["", f"v2,{signature}", "v1,", f"v1a,{signature}", f"v1,{signature[:-4]}"]
                )
        try:
            verifier.verify(bytes(sent), changed)
        except (WebhookVerificationError, ValueError):
            refused += 1
    assert refused == 10_000


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (200, {}, Result(rpc.DELIVERY_OUTCOME_ACCEPTED, 200)),
        (204, {}, Result(rpc.DELIVERY_OUTCOME_ACCEPTED, 204)),
        (301, {"location": "https://x"}, Result(rpc.DELIVERY_OUTCOME_FAILED, 301, "redirect")),
        (304, {}, Result(rpc.DELIVERY_OUTCOME_FAILED, 304, "redirect")),
        (400, {"retry-after": "9"}, Result(rpc.DELIVERY_OUTCOME_FAILED, 400, "status")),
        (410, {}, Result(rpc.DELIVERY_OUTCOME_GONE, 410, "gone")),
        (429, {"retry-after": "120"}, Result(rpc.DELIVERY_OUTCOME_FAILED, 429, "status", 120.0)),
        (503, {"retry-after": "9999999999"}, Result(rpc.DELIVERY_OUTCOME_FAILED, 503, "status", 86400.0)),
        (503, {"retry-after": "soon"}, Result(rpc.DELIVERY_OUTCOME_FAILED, 503, "status")),
        (500, {}, Result(rpc.DELIVERY_OUTCOME_FAILED, 500, "status")),
    ],
)
def test_what_answers_mean(status: int, headers: dict[str, str], expected: Result) -> None:
    assert judge(Answer(status, httpx.Headers(headers), b"", True)) == expected


def test_a_wish_may_be_a_date() -> None:
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert retry_after("Fri, 31 Dec 9999 23:59:59 GMT") == 86400.0
    assert [retry_after(text) for text in ("", "-5", "1.5", "１２", "x" * 5000)] == [0.0] * 5


@pytest.mark.parametrize(
    "text", ["Mon, 01 Jan 2026 00:00:00 +99999999999999999999", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"]
)
def test_a_date_beyond_all_numbers_is_no_wish(text: str) -> None:
    answer = Answer(503, httpx.Headers({"retry-after": text}), b"", True)
    assert judge(answer) == Result(rpc.DELIVERY_OUTCOME_FAILED, 503, "status")


async def lease(masters: LocalMasterKeys, url: str) -> webhook_pb2.DeliveryLease:
    key = new_data_key(ACCOUNT)
    stored = await wrap(masters, key)
    sealed = seal(key, Place(ACCOUNT, "webhook", "wh_a"), b"s" * 32)
    return webhook_pb2.DeliveryLease(
        delivery=webhook_pb2.Delivery(id="x", webhook_id="wh_a", message_id="msg_7_a"),
        account_id=ACCOUNT,
        url=url,
        event=EVENT,
        sealed_secret=sealed,
        data_key_id=str(key.id),
        master_version=stored.version,
        wrapped_data_key=stored.wrapped,
    )


async def test_a_sender_without_the_right_key_gives_back_and_sends_nothing() -> None:
    sent: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(b""))

    ours, theirs = LocalMasterKeys({1: b"o" * 32}), LocalMasterKeys({1: b"t" * 32})
    async with Egress(Rules(allowed=Allowed.parse("127.0.0.1")), transport=httpx.MockTransport(reply)) as egress:
        work = await lease(ours, "http://127.0.0.1:1/x")
        for masters in (theirs, LocalMasterKeys({2: b"o" * 32})):
            told = await Sender(_secrets(masters), egress, 5).send(work)
            assert (told.outcome, told.error) == (rpc.DELIVERY_OUTCOME_GIVEN_BACK, "secret_unreadable")
        moved = await lease(ours, "http://127.0.0.1:1/x")
        moved.delivery.webhook_id = "wh_b"
        assert (await Sender(_secrets(ours), egress, 5).send(moved)).error == "secret_unreadable"
        assert sent == []
        assert (await Sender(_secrets(ours), egress, 5).send(work)).outcome == rpc.DELIVERY_OUTCOME_ACCEPTED
        Webhook(b"s" * 32).verify(sent[0].content, dict(sent[0].headers))
        inside = await lease(ours, "https://169.254.169.254/")
        assert (await Sender(_secrets(ours), egress, 5).send(inside)).error == "url_blocked"
    assert len(sent) == 1


def _secrets(masters: LocalMasterKeys) -> Secrets:
    """Opens with keys at hand only: nobody answers at the vault's address."""
    return Secrets(masters, VaultServiceStub(grpc.aio.insecure_channel("127.0.0.1:1")), "webhook")
