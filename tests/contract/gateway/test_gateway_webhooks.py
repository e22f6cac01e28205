"""Webhooks over HTTP: what is asked of storage, what is shown, and what is refused."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import httpx
import pytest

from kit import errors
from kit.identity import DEFAULT_ACCOUNT_ID
from services.gateway.app import compose
from services.gateway.config import GatewaySettings
from services.gateway.views.faces import DRAMA
from sfd.webhooks.v1 import webhook_pb2
from sfd.webhooks.v1 import webhook_service_pb2 as rpc
from tests.contract.gateway.conftest import KEY, Running
from tests.contract.gateway.fake_webhooks import Hooks
from tests.contract.gateway.fakes import House

GOOD = {"url": "https://hooks.example.com/a?b=c"}


@pytest.fixture
def hooks(running: Running, house: House) -> Hooks:
    """The fakes' memory of webhooks, empty."""
    for kept in (running.hooks.hooks, running.hooks.sealed, running.hooks.repeats):
        kept.clear()
    for listed in (running.hooks.deliveries, running.hooks.due, running.hooks.reports):
        listed.clear()
    return running.hooks


async def made(api: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await api.post("/webhooks", json={**GOOD, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_webhook_is_made_and_its_secret_shown_once(api: httpx.AsyncClient, hooks: Hooks, house: House) -> None:
    answer = await api.post("/webhooks", json={**GOOD, "dramaId": "d", "description": "mine", "more": 1})
    body = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/webhooks/{body['id']}")
    assert (answer.headers["cache-control"], answer.headers["x-sfd-ignored"]) == ("no-store", "more")
    assert (body["events"], body["dramaId"], body["enabled"], body["disabledReason"]) == (["run.*"], "d", True, None)
    raw = base64.b64decode(body["secret"].removeprefix("whsec_"))
    assert len(raw) == 32
    asked = house.last(rpc.CreateWebhookRequest)
    assert raw not in asked.SerializeToString()
    assert raw not in hooks.keys[DEFAULT_ACCOUNT_ID].wrapped
    shown = await api.get(f"/webhooks/{body['id']}")
    assert shown.json() == {name: value for name, value in body.items() if name != "secret"}
    assert "secret" not in (await api.get("/webhooks")).text


async def test_a_repeated_request_shows_the_first_secret(api: httpx.AsyncClient, hooks: Hooks) -> None:
    key = {"Idempotency-Key": "k"}
    first, second = [await api.post("/webhooks", json=GOOD, headers=key) for _ in range(2)]
    assert first.json() == second.json()
    assert len(hooks.hooks) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": ""}, "url"),
        ({"url": 7}, "url"),
        ({"url": "http://hooks.example.com"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://169.254.169.254/latest"}, "url"),
        ({"url": "https://user:pass@hooks.example.com/"}, "url"),
        ({"url": "https://hooks.example.com:22/"}, "url"),
        ({"url": "https://hooks.example.com/" + "a" * 2040}, "url"),
        ({**GOOD, "events": []}, "events"),
        ({**GOOD, "events": ["run.*", "RUN"]}, "events[1]"),
        ({**GOOD, "events": "run.*"}, "events"),
        ({**GOOD, "dramaId": "a/b"}, "dramaId"),
        ({**GOOD, "description": "x" * 1001}, "description"),
    ],
)
async def test_bad_input_is_422_and_names_the_field(
    api: httpx.AsyncClient, hooks: Hooks, body: dict[str, Any], field: str
) -> None:
    answer = await api.post("/webhooks", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert hooks.hooks == {}
    assert answer.json()["request_id"]


async def test_a_change_leaves_the_rest_alone(api: httpx.AsyncClient, hooks: Hooks) -> None:
    hook = await made(api, description="mine", dramaId="d")
    path = f"/webhooks/{hook['id']}"
    changed = (await api.patch(path, json={"events": ["*"], "dramaId": None, "enabled": False})).json()
    assert (changed["events"], changed["dramaId"], changed["enabled"]) == (["*"], None, False)
    assert (changed["url"], changed["description"]) == (hook["url"], "mine")
    for body, field in (({"url": "https://10.0.0.1/"}, "url"), ({"url": None}, "url"), ({"enabled": None}, "enabled")):
        refused = await api.patch(path, json=body)
        assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert (await api.post(f"{path}/test")).status_code == 409
    assert (await api.delete(path)).json() == {"success": True}
    assert (await api.get(path)).status_code == 404


async def test_what_is_not_there_is_404(api: httpx.AsyncClient, hooks: Hooks) -> None:
    hook = await made(api)
    for method, path in (
        ("GET", "/webhooks/wh_nobody"),
        ("GET", "/webhooks/a%20b"),
        ("PATCH", "/webhooks/wh_nobody"),
        ("DELETE", "/webhooks/wh_nobody"),
        ("POST", "/webhooks/wh_nobody/rotate"),
        ("POST", "/webhooks/wh_nobody/test"),
        ("GET", "/webhooks/wh_nobody/deliveries"),
        ("POST", "/webhooks/wh_nobody/deliveries/x/replay"),
        ("POST", "/webhooks/wh_nobody/replay"),
    ):
        answer = await api.request(method, path, json={"since": 0} if method in ("PATCH", "POST") else None)
        assert (answer.status_code, answer.json()["error"]) == (404, "Webhook not found"), path
    answer = await api.post(f"/webhooks/{hook['id']}/deliveries/x/replay")
    assert (answer.status_code, answer.json()["error"]) == (404, "Delivery not found")


async def test_rotation_test_lists_and_replays(api: httpx.AsyncClient, hooks: Hooks, house: House) -> None:
    hook = await made(api)
    path = f"/webhooks/{hook['id']}"
    turned = (await api.post(f"{path}/rotate")).json()
    assert turned["secret"] != hook["secret"]
    for _ in range(3):
        sent = await api.post(f"{path}/test", headers={"Idempotency-Key": "t"})
        assert (sent.status_code, sent.json()["state"], sent.json()["type"]) == (202, "queued", "webhook.test")
    assert house.last(rpc.TestWebhookRequest).request_id
    page = (await api.get(f"{path}/deliveries", params={"limit": 2})).json()
    rest = (await api.get(f"{path}/deliveries", params={"limit": 2, "cursor": page["cursor"]})).json()
    assert ([one["id"] for one in page["deliveries"] + rest["deliveries"]], rest["cursor"]) == (
        ["d0", "d1", "d2"],
        None,
    )
    assert (await api.get(f"{path}/deliveries", params={"state": "dead"})).json() == {"deliveries": [], "cursor": None}
    mixed = await api.get(f"{path}/deliveries", params={"state": "dead", "cursor": page["cursor"]})
    assert mixed.status_code == 400
    assert (await api.get(f"{path}/deliveries", params={"state": "lost"})).status_code == 422
    assert (await api.post(f"{path}/deliveries/d1/replay")).json()["id"] == "d1"
    assert (await api.post(f"{path}/replay", json={"since": 1763600000000})).json() == {"replayed": 3}
    assert house.last(rpc.ReplayDeliveriesRequest).since.ToMilliseconds() == 1763600000000
    for since in (-1, "x", None, 1 << 62):
        refused = await api.post(f"{path}/replay", json={"since": since})
        assert (refused.status_code, refused.json()["field"]) == (422, "since")


async def test_the_worker_reports_what_it_may_not_send(api: httpx.AsyncClient, hooks: Hooks) -> None:
    """The gateway leases by itself; what leads inside is never connected to."""
    hook = await made(api)
    key = hooks.keys[DEFAULT_ACCOUNT_ID]
    hooks.due.append(
        webhook_pb2.DeliveryLease(
            delivery=webhook_pb2.Delivery(id="one", webhook_id=hook["id"], message_id="msg_1_x"),
            lease_id="lease",
            account_id=DEFAULT_ACCOUNT_ID,
            url="https://localhost/",
            sealed_secret=hooks.sealed[hook["id"]],
            data_key_id=key.id,
            master_version=key.master_version,
            wrapped_data_key=key.wrapped,
        )
    )
    async with asyncio.timeout(20):
        while not hooks.reports:
            await asyncio.sleep(0.05)
    (report,) = hooks.reports
    assert (report.delivery_id, report.lease_id, report.error) == ("one", "lease", "url_blocked")
    assert report.outcome == rpc.DELIVERY_OUTCOME_FAILED


async def test_without_a_master_key_webhooks_are_refused_by_name(running: Running, house: House) -> None:
    settings = GatewaySettings.model_validate({**running.environment, "ENCRYPTION_KEY": ""})
    async with compose(settings) as (edge, _):
        edge.bind({80: DRAMA})
        transport = httpx.ASGITransport(edge)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:80", headers={"X-API-Key": KEY}
        ) as client:
            for path in ("/webhooks", "/webhooks/wh_x/rotate", "/webhooks/wh_x/test", "/webhooks/wh_x/replay"):
                answer = await client.post(path, json=GOOD)
                assert (answer.status_code, answer.json()["reason"]) == (503, "webhooks_off")
                assert "ENCRYPTION_KEY" in answer.json()["message"]
            assert (await client.get("/webhooks")).status_code == 200


async def test_a_limit_is_429_and_a_vault_that_is_away_503(api: httpx.AsyncClient, hooks: Hooks, house: House) -> None:
    house.failures["CreateWebhook"] = errors.Exhausted("There are 50 webhooks already.", reason="webhook_limit")
    assert (await api.post("/webhooks", json=GOOD)).status_code == 429
    house.failures["CreateWebhook"] = errors.Unavailable("away")
    assert (await api.post("/webhooks", json=GOOD)).status_code == 503


async def test_a_key_is_needed(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.post("/webhooks", json=GOOD)).status_code == 401
    assert (await stranger.get("/webhooks")).status_code == 401
