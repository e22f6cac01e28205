"""Webhooks between real processes: what is sent, what happens to it when receivers misbehave, and that no secret gets out."""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from typing import Any

import pytest

from stack.binaries import postgres_bin
from stack.servers import Servers
from tests.system.webhooks.conftest import Post, fresh
from tests.system.webhooks.receiver import OK, status

pytestmark = pytest.mark.system


async def one(post: Post, webhook: str) -> dict[str, Any]:
    (found,) = await post.deliveries(webhook)
    return found


async def test_a_run_is_told_as_streams_tell_it(post: Post) -> None:
    path, drama = fresh("told"), f"d-{uuid.uuid4().hex[:8]}"
    made = await post.hook(path, dramaId=drama, description="mine")
    other = fresh("other")
    await post.hook(other, dramaId="another-drama")
    narrow = fresh("narrow")
    await post.hook(narrow, events=["job.*", "run.succeeded"], dramaId=drama)
    assert made["secret"].startswith("whsec_")
    assert len(base64.b64decode(made["secret"].removeprefix("whsec_"))) == 32
    (run,) = await post.runs(1, drama)
    assert (await post.api.post(f"/dramas/{drama}/jobs/{run}/cancel")).status_code == 200

    async def there() -> bool:
        return len(post.receiver.came.get(path, ())) == 2

    await post.until(there)
    streamed: list[dict[str, Any]] = []
    async with post.api.stream("GET", f"/dramas/{drama}/events") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                streamed.append(json.loads(line.removeprefix("data: ")))
            if len([one for one in streamed if one["type"].startswith("run.")]) == 2:
                break
    runs = {one["pos"]: one for one in streamed if one["type"].startswith("run.")}
    for message_id, body in post.receiver.came[path]:
        assert body["data"] == runs[body["data"]["pos"]]
        assert body["type"] == body["data"]["type"]
        assert message_id == f"msg_{body['data']['pos']}_{made['id'].removeprefix('wh_')}"
    assert {body["type"] for _, body in post.receiver.came[path]} == {"run.queued", "run.cancelled"}
    assert other not in post.receiver.came
    assert {body["type"] for _, body in post.receiver.came.get(narrow, ())} <= {"job.cancelled"}
    assert {found["state"] for found in await post.deliveries(made["id"])} == {"succeeded"}


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (status(500), "status"),
        (status(301, "Location: http://127.0.0.1/elsewhere"), "redirect"),
        (status(429, "Retry-After: 1"), "status"),
        (None, "timeout"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n" + b"|x" * 3000, "timeout"),
        (b"", "protocol"),
    ],
    ids=["500", "301", "429", "silent", "slow", "hangs up"],
)
async def test_a_receiver_that_fails_first_gets_it_again(post: Post, bad: bytes | None, error: str) -> None:
    path = fresh("bad")
    post.receiver.answers[path] = lambda visit: bad if visit == 0 else OK
    made = await post.hook(path)
    assert (await post.api.post(f"/webhooks/{made['id']}/test")).status_code == 202

    async def failed() -> bool:
        return bool((await one(post, made["id"]))["attempts"] == 1)

    await post.until(failed, hurry=False)
    waiting = await one(post, made["id"])
    assert (waiting["state"], waiting["lastError"]) == ("queued", error)
    assert (await post.api.get(f"/webhooks/{made['id']}")).json()["failingSince"]

    async def done() -> bool:
        return bool((await one(post, made["id"]))["state"] == "succeeded")

    await post.until(done)
    ids = [message_id for message_id, _ in post.receiver.came[path]]
    assert ids == [waiting["messageId"]] * 2
    assert post.receiver.came[path][0][1] == post.receiver.came[path][1][1]
    assert (await post.api.get(f"/webhooks/{made['id']}")).json()["failingSince"] is None


async def test_ten_tries_then_dead_then_replayed(post: Post) -> None:
    path = fresh("dead")
    post.receiver.answers[path] = lambda visit: status(500) if visit < 10 else OK
    made = await post.hook(path)
    await post.api.post(f"/webhooks/{made['id']}/test")

    async def dead() -> bool:
        return bool((await one(post, made["id"]))["state"] == "dead")

    await post.until(dead)
    assert (post.receiver.visits[path], (await one(post, made["id"]))["attempts"]) == (10, 10)
    await post.hurry()
    await asyncio.sleep(1.5)
    assert post.receiver.visits[path] == 10
    url = f"/webhooks/{made['id']}/deliveries/{(await one(post, made['id']))['id']}/replay"
    key = {"Idempotency-Key": "again"}
    replayed = await post.api.post(url, headers=key)
    assert (replayed.status_code, replayed.json()["attempts"]) == (202, 0)

    async def done() -> bool:
        return bool((await one(post, made["id"]))["state"] == "succeeded")

    await post.until(done)
    assert (await post.api.post(url, headers=key)).json() == replayed.json()
    assert {message_id for message_id, _ in post.receiver.came[path]} == {replayed.json()["messageId"]}
    assert post.receiver.visits[path] == 11


async def test_410_disables_and_the_rest_is_kept_for_a_replay(post: Post) -> None:
    path = fresh("gone")
    post.receiver.answers[path] = lambda visit: status(410) if visit == 0 else OK
    drama = f"d-{uuid.uuid4().hex[:8]}"
    made = await post.hook(path, dramaId=drama)
    since = made["createdAt"]
    # One at a time reaches it while it fails, so most of these are never tried.
    await post.pg.execute("UPDATE webhook_endpoints SET failing_since = now() WHERE public_id = $1", made["id"])
    await post.runs(20, drama)

    async def disabled() -> bool:
        return bool(not (await post.api.get(f"/webhooks/{made['id']}")).json()["enabled"])

    await post.until(disabled, hurry=False)
    shown = (await post.api.get(f"/webhooks/{made['id']}")).json()
    assert shown["disabledReason"] == "gone"
    assert (await post.api.post(f"/webhooks/{made['id']}/test")).status_code == 409
    assert (await post.api.post(f"/webhooks/{made['id']}/replay", json={"since": since})).status_code == 409
    await post.api.patch(f"/webhooks/{made['id']}", json={"enabled": True})
    dead = await post.deliveries(made["id"], state="dead")
    assert dead
    answer = await post.api.post(f"/webhooks/{made['id']}/replay", json={"since": since})
    assert answer.json() == {"replayed": len(dead)}

    async def all_done() -> bool:
        found = await post.deliveries(made["id"])
        return bool(found) and {each["state"] for each in found} == {"succeeded"}

    await post.until(all_done)


async def test_five_days_of_failures_disable(post: Post) -> None:
    path = fresh("failing")
    post.receiver.answers[path] = lambda _: status(500)
    made = await post.hook(path)
    await post.pg.execute(
        "UPDATE webhook_endpoints SET failing_since = now() - interval '5 days 1 second' WHERE public_id = $1",
        made["id"],
    )
    await post.api.post(f"/webhooks/{made['id']}/test")

    async def disabled() -> bool:
        return bool((await post.api.get(f"/webhooks/{made['id']}")).json()["disabledReason"] == "failing")

    await post.until(disabled)
    assert (await one(post, made["id"]))["state"] == "dead"


async def test_after_a_rotation_both_secrets_sign_until_the_old_one_is_over(post: Post) -> None:
    path = fresh("rotated")
    made = await post.hook(path)
    key = {"Idempotency-Key": "turn"}
    turned = await post.api.post(f"/webhooks/{made['id']}/rotate", headers=key)
    again = await post.api.post(f"/webhooks/{made['id']}/rotate", headers=key)
    assert (turned.status_code, again.json()["secret"]) == (200, turned.json()["secret"])
    assert turned.json()["secret"] != made["secret"]
    # The receiver verifies with each of them.
    post.receiver.secrets[path] = [made["secret"], turned.json()["secret"]]
    await post.api.post(f"/webhooks/{made['id']}/test")

    async def came(count: int) -> bool:
        return sum(post.receiver.accepted.get(path, {}).values()) == count

    await post.until(lambda: came(1))
    assert len(post.receiver.heads[path][0]["webhook-signature"].split(" ")) == 2
    await post.pg.execute("UPDATE webhook_endpoints SET old_secret_until = now() WHERE public_id = $1", made["id"])
    post.receiver.secrets[path] = [turned.json()["secret"]]
    await post.api.post(f"/webhooks/{made['id']}/test")
    await post.until(lambda: came(2))
    assert len(post.receiver.heads[path][1]["webhook-signature"].split(" ")) == 1


async def test_a_dead_endpoint_does_not_starve_another(post: Post) -> None:
    slow, good = fresh("slow"), fresh("good")
    drama = f"d-{uuid.uuid4().hex[:8]}"
    post.receiver.answers[slow] = lambda _: None
    bad = await post.hook(slow, dramaId=drama)
    await post.hook(good, dramaId=drama)
    await post.runs(60, drama)

    async def all_good() -> bool:
        return len(post.receiver.accepted.get(good, ())) == 60

    await post.until(all_good, hurry=False)
    assert post.receiver.most[slow] <= 4
    assert post.receiver.most[good] <= 4
    assert len(await post.deliveries(bad["id"], state="queued")) > 20
    assert (await post.api.delete(f"/webhooks/{bad['id']}")).status_code == 200
    assert (await post.api.get(f"/webhooks/{bad['id']}")).status_code == 404
    left = await post.pg.fetchval(
        "SELECT count(*) FROM webhook_deliveries d WHERE NOT EXISTS (SELECT FROM webhook_endpoints w WHERE w.id = d.endpoint_id)"
    )
    assert left == 0


async def test_a_repeated_request_shows_the_same_webhook_and_secret(post: Post) -> None:
    body = {"url": post.receiver.url(fresh("same"))}
    key = {"Idempotency-Key": f"make-{uuid.uuid4().hex}"}
    first, second = [await post.api.post("/webhooks", json=body, headers=key) for _ in range(2)]
    assert first.json() == second.json()
    other = await post.api.post("/webhooks", json={"url": post.receiver.url("/x")}, headers=key)
    assert other.status_code == 422


async def test_a_row_moved_to_another_webhook_is_never_signed(post: Post) -> None:
    path = fresh("moved")
    one_hook, other_hook = await post.hook(fresh("from")), await post.hook(path)
    await post.pg.execute(
        "UPDATE webhook_endpoints SET secret = (SELECT secret FROM webhook_endpoints WHERE public_id = $1) WHERE public_id = $2",
        one_hook["id"],
        other_hook["id"],
    )
    await post.api.post(f"/webhooks/{other_hook['id']}/test")

    async def told() -> bool:
        return bool((await one(post, other_hook["id"]))["lastError"] == "secret_unreadable")

    await post.until(told, hurry=False)
    assert (await one(post, other_hook["id"]))["attempts"] == 0
    assert post.receiver.visits[path] == 0
    await post.api.delete(f"/webhooks/{other_hook['id']}")


async def test_no_secret_is_in_the_record_the_logs_or_the_events(post: Post, own_servers: Servers) -> None:
    path = fresh("canary") + "?token=canary-of-the-query"
    made = await post.hook(path)
    turned = (await post.api.post(f"/webhooks/{made['id']}/rotate")).json()
    post.receiver.secrets[path].append(turned["secret"])
    post.receiver.answers[path] = lambda visit: status(500) if visit == 0 else OK
    await post.api.post(f"/webhooks/{made['id']}/test")

    async def done() -> bool:
        return bool((await one(post, made["id"]))["state"] == "succeeded")

    await post.until(done)
    needles: list[str] = []
    for secret in (made["secret"], turned["secret"]):
        raw = base64.b64decode(secret.removeprefix("whsec_"))
        needles += [secret, secret.removeprefix("whsec_"), raw.hex()]
    dumping = await asyncio.create_subprocess_exec(
        str(postgres_bin() / "pg_dump"),
        "--inserts",
        own_servers.postgres_dsn,
        stdout=asyncio.subprocess.PIPE,
    )
    dump = (await dumping.communicate())[0].decode()
    assert dumping.returncode == 0
    assert made["id"] in dump
    assert [needle for needle in needles if needle in dump] == []
    logs = "".join(file.read_text(errors="replace") for file in post.house.folder.glob("*.log"))
    assert made["id"] in logs
    assert [needle for needle in [*needles, "canary-of-the-query", "This is a test."] if needle in logs] == []
    shown = (await post.api.get("/webhooks")).text + (await post.api.get(f"/webhooks/{made['id']}")).text
    assert [needle for needle in needles if needle in shown] == []
