"""The gateway, the bare hop and Envoy's transcoder over one gRPC stub: answers a second at 32 connections, the wait at one.

Whoever is measured has a core of its own; the stub and the load client share the other one.
"""

from __future__ import annotations

import json
import os
import secrets
import statistics
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from bench.edge import transcoder
from bench.edge.load import Heard, Plan
from bench.edge.processes import PYTHON, Running, heard, running
from bench.growth import table
from kit.testing.house import free_port

ROUNDS = 4
SECONDS = {32: 2.5, 1: 1.5}
"""By the number of connections."""
KEY = "sk-bench-" + secrets.token_hex(12)
WISH = {"model": "sora-2", "prompt": "A pier at night", "seconds": "4", "size": "720x1280"}
OWN, SHARED = (0, 1) if (os.cpu_count() or 1) > 1 else (None, None)
HEAD = (
    "connections",
    "what",
    "who",
    "answers/s",
    "of the hop",
    "p50, ms",
    "p99, ms",
    "CPU a request, us",
    "bad",
    "every round, answers/s",
)


Asked = dict[str, Plan]
"""A plan for `create` and one for `status`."""


def plans(port: int, name: str, *, connections: int = 32, seconds: float = 2.5) -> Asked:
    """Returns a creation, and a look at the film `name`, in OpenAI's form."""
    key = {"Authorization": f"Bearer {KEY}"}
    url = f"http://127.0.0.1:{port}/v1/videos"
    return {
        "create": Plan(url, "POST", key, json.dumps(WISH), connections, seconds),
        "status": Plan(f"{url}/{name}", "GET", key, "", connections, seconds),
    }


async def compare(folder: Path) -> str:
    """Returns the table."""
    stub, ports = free_port(), {name: free_port() for name in ("hop", "gateway", "envoy")}
    commands: dict[str, Sequence[str]] = {
        "hop": [*PYTHON, "-m", "bench.edge.hop", str(ports["hop"]), f"127.0.0.1:{stub}"],
        "gateway": [*PYTHON, "-m", "services.gateway"],
        "envoy": transcoder.command(folder, ports["envoy"], stub),
    }
    asked = {name: plans(port, "video_0123456789ab") for name, port in ports.items()}
    asked["envoy"] = _by_method(ports["envoy"])
    env = _settings(f"127.0.0.1:{stub}", ports["gateway"])
    async with AsyncExitStack() as stack:
        serving = [*PYTHON, "-m", "bench.edge.stub", str(stub)]
        await stack.enter_async_context(running(folder, "stub", serving, stub, core=SHARED))
        made = {
            name: await stack.enter_async_context(running(folder, name, command, ports[name], env=env, core=OWN))
            for name, command in commands.items()
        }
        return await _rounds(made, asked)


async def _rounds(made: dict[str, Running], asked: dict[str, Asked]) -> str:
    found: dict[tuple[int, str, str], list[tuple[Heard, float]]] = {}
    for connections, seconds in SECONDS.items():
        for number in range(-1, ROUNDS):
            # The order turns from round to round; the first one warms up.
            names = list(made)
            for name in names[number % 3 :] + names[: number % 3]:
                for what, chosen in asked[name].items():
                    plan = replace(chosen, connections=connections, seconds=seconds)
                    before = made[name].cpu()
                    answer = await heard(plan, SHARED)
                    used = made[name].cpu() - before
                    if number >= 0:
                        sent = answer.count * (plan.warm + plan.seconds) / plan.seconds
                        found.setdefault((connections, what, name), []).append((answer, used / max(1.0, sent) * 1e6))
                        print(f"{connections} round {number + 1} {what} {name:8} {answer.rate:7.0f}/s", flush=True)
    return _told(found)


def _told(found: dict[tuple[int, str, str], list[tuple[Heard, float]]]) -> str:
    rows = []
    for (connections, what, name), answers in sorted(found.items(), reverse=True):
        rate, hop = (statistics.median(one.rate for one, _ in found[connections, what, who]) for who in (name, "hop"))
        rows.append(
            [
                *(connections, what, name, round(rate), f"{rate / hop:.0%}"),
                f"{statistics.median(one.p50 for one, _ in answers):.2f}",
                f"{statistics.median(one.p99 for one, _ in answers):.2f}",
                round(statistics.median(used for _, used in answers)),
                sum(one.bad for one, _ in answers),
                " ".join(f"{one.rate:.0f}" for one, _ in answers),
            ]
        )
    return table(HEAD, rows)


def _by_method(port: int) -> Asked:
    url, wish = f"http://127.0.0.1:{port}", {**WISH, "seconds": 4}
    return {
        "create": Plan(url + transcoder.CREATE, "POST", {}, json.dumps({"wish": wish})),
        "status": Plan(url + transcoder.STATUS, "POST", {}, json.dumps({"id": "gen_0123456789ab"})),
    }


def _settings(stub: str, port: int) -> dict[str, str]:
    """Returns the gateway's settings: every check is on, only deliveries of webhooks are off, which the stub does not have."""
    return {
        "ENVIRONMENT": "development",
        "SFD_INTERNAL_SECRET": secrets.token_hex(24),
        "ENCRYPTION_KEY": secrets.token_hex(24),
        "API_KEYS": KEY,
        "PORT": str(port),
        "SFD_MEDIA_PORT": "0",
        "SFD_CAPTIONS_PORT": "0",
        "SFD_WEBHOOK_SLOTS": "0",
        "NATS_URL": "nats://127.0.0.1:9",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing",
        **{f"SFD_{name}_ADDR": stub for name in ("STORAGE", "STORY", "IMAGING", "VIDEO")},
    }
