"""The sender is killed in the middle of deliveries: every event still arrives, under the same id however often."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter

import pytest

from kit.testing.processes import Process
from tests.system.webhooks.conftest import Post, fresh
from tests.system.webhooks.receiver import OK, status

pytestmark = pytest.mark.system


async def check(post: Post, webhooks: dict[str, str], events: int) -> dict[str, int]:
    """Asserts that each webhook has each event, delivered or dead, and returns counts."""
    counts: Counter[str] = Counter()
    for path, webhook in webhooks.items():
        found = await post.deliveries(webhook, limit=1000)
        assert len(found) == len({one["messageId"] for one in found}) == len({one["pos"] for one in found}) == events
        assert {one["state"] for one in found} <= {"succeeded", "dead"}
        came = Counter(message_id for message_id, _ in post.receiver.came.get(path, ()))
        bodies: dict[str, object] = {}
        for message_id, body in post.receiver.came.get(path, ()):
            assert bodies.setdefault(message_id, body) == body, "a repeat has another body"
        for one in found:
            counts[one["state"]] += 1
            if one["state"] == "succeeded":
                assert post.receiver.accepted[path][one["messageId"]] >= 1
            counts[f"repeats of {path.split('-')[0]}"] += max(0, came[one["messageId"]] - 1)
        assert set(came) <= {one["messageId"] for one in found}
        counts["arrivals"] += sum(came.values())
    return dict(counts)


async def ended(post: Post) -> bool:
    left = await post.pg.fetchval("SELECT count(*) FROM webhook_deliveries WHERE state IN ('queued', 'running')")
    unplaced = await post.pg.fetchval("SELECT count(*) FROM events WHERE pos IS NULL")
    return not left and not unplaced


async def kill_in_the_middle(post: Post, rng: random.Random) -> bool:
    """Kills the sender while requests are open, and starts another one; returns whether some were open then."""
    end = time.monotonic() + 5
    while not any(post.receiver.open_now.values()) and time.monotonic() < end:
        await asyncio.sleep(0.01)
    await asyncio.sleep(rng.random() * 0.05)
    process: Process = post.house.processes[f"gateway-{post.gateways}"]
    in_the_middle = any(post.receiver.open_now.values())
    process.kill9()
    await post.start_gateway()
    return in_the_middle


async def storm(post: Post, events: int, kills: int, pause: float) -> dict[str, int]:
    rng = random.Random(kills)
    good, flaky = fresh("good"), fresh("flaky")
    drama = f"storm-{kills}"
    post.receiver.pause = pause
    post.receiver.answers[flaky] = lambda visit: status(500) if visit % 5 == 0 else OK
    hooks = {path: (await post.hook(path, dramaId=drama, events=["run.queued"]))["id"] for path in (good, flaky)}
    submitting = asyncio.create_task(post.runs(events, drama))
    in_the_middle = 0
    for _ in range(kills):
        in_the_middle += await kill_in_the_middle(post, rng)
        await post.hurry()
    await submitting
    post.receiver.pause = 0.0
    await post.until(lambda: ended(post), seconds=400)
    return {**await check(post, hooks, events), "kills in the middle": in_the_middle}


@pytest.mark.timeout(600)
async def test_a_few_kills_lose_nothing(post: Post) -> None:
    counts = await storm(post, events=40, kills=3, pause=0.3)
    assert counts["succeeded"] + counts.get("dead", 0) == 80
    assert counts["kills in the middle"] >= 1


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_two_thousand_deliveries_and_thirty_kills_lose_nothing(post: Post) -> None:
    counts = await storm(post, events=1000, kills=30, pause=0.1)
    print(counts)
    assert counts["succeeded"] + counts.get("dead", 0) == 2000
    # What repeats at the receiver that never fails was begun by a sender that was killed.
    assert counts["kills in the middle"] >= 15
    assert counts["repeats of /good"] >= 15
