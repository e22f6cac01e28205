"""Runs SFD with docker compose and makes a film through the edge; ends with code 1 and the reason when something is wrong.

The stack is a project of its own with fresh secrets, free ports and its own volumes, all removed at the end: a stack that
runs already is not touched. Standard library only. For a build behind a private index or a company's proxy set
SFD_BUILD_PIP_CONF and SFD_BUILD_CA_BUNDLE (see deploy/docker/Dockerfile).
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
ROOT = Path(__file__).resolve().parent.parent
PROJECT = "sfd-compose-test"
SECRETS = (
    "SFD_INTERNAL_SECRET",
    "API_KEYS",
    "SFD_COMPOSE_POSTGRES_PASSWORD",
    "SFD_COMPOSE_NATS_PASSWORD",
    "R2_ACCESS_KEY_ID",
    "R2_SECRET_ACCESS_KEY",
)
UP_SECONDS = 240
FILM_SECONDS = 600
POLL_SECONDS = 2.0
PREMISE = "A lighthouse keeper finds a letter from her future self"
# Runs inside the gateway's container: it has the secret and the generated code, and reaches the edge as a client would.
CALL = """
import asyncio, os
from kit.context import Caller, Role
from kit.identity import DEFAULT_ACCOUNT_ID, Signer
from kit.rpc.client import channel
from sfd.dramas.v1.drama_service_pb2 import ListDramasRequest
from sfd.dramas.v1.drama_service_pb2_grpc import DramaServiceStub
async def call():
    signer = Signer(os.environ["SFD_INTERNAL_SECRET"])
    async with channel("envoy:8080", signer, default=Caller(DEFAULT_ACCOUNT_ID, Role.ACCOUNT)) as edge:
        print(len((await DramaServiceStub(edge).ListDramas(ListDramasRequest(page_size=5))).dramas))
asyncio.run(call())
"""


class WrongError(RuntimeError):
    """What the stack did is not what it should do."""


class Stack:
    """One compose project; `env_file` names its secrets and ports."""

    def __init__(self, env_file: Path) -> None:
        ports = _free_ports(2)
        self.base = f"http://127.0.0.1:{ports[0]}"
        values = {name: secrets.token_hex(24) for name in SECRETS}
        self.key = values["API_KEYS"]
        values |= {"PORT": str(ports[0]), "SFD_COMPOSE_GRPC_PORT": str(ports[1]), "SFD_PUBLIC_URL": self.base}
        env_file.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        self._words = ("docker", "compose", "-p", PROJECT, "--env-file", str(env_file))
        # Settings of the caller's shell would win over the file's.
        self._env = {name: value for name, value in os.environ.items() if name not in values}

    def compose(self, *words: str, check: bool = True) -> str:
        """Runs `docker compose` with these words and returns what it printed. Raises WrongError when it fails."""
        done = subprocess.run(  # noqa: S603 - words of ours
            [*self._words, *words], cwd=ROOT, env=self._env, text=True, capture_output=True, check=False
        )
        if check and done.returncode != 0:
            raise WrongError(f"docker compose {words[0]}: {done.stderr[-2000:]}")
        return done.stdout

    def ask(self, method: str, path: str, body: Json = None, key: str | None = None) -> tuple[int, bytes]:
        """Returns status and body of a request through the edge."""
        headers = {"Content-Type": "application/json", "X-API-Key": self.key if key is None else key}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers, method=method)  # noqa: S310 - http, loopback
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as answer:
                return int(answer.status), bytes(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, error.read()


def main() -> int:
    """Builds, starts, uses and removes the stack."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave the stack running")
    keep = parser.parse_args().keep
    with tempfile.TemporaryDirectory(prefix="sfd-compose-") as folder:
        stack = Stack(Path(folder) / "env")
        try:
            _use(stack)
        except (WrongError, OSError) as error:
            sys.stderr.write(f"compose-test: {error}\n{stack.compose('logs', '--tail', '20', check=False)}\n")
            return 1
        finally:
            if not keep:
                stack.compose("down", "-v", "--remove-orphans", "--timeout", "20", check=False)
    print("compose-test: everything works")
    return 0


def _use(stack: Stack) -> None:
    begun = time.monotonic()
    stack.compose("build")
    print(f"built in {time.monotonic() - begun:.0f} s")
    begun = time.monotonic()
    stack.compose("up", "-d", "--scale", "video=2")
    _answers(stack)
    print(f"up in {time.monotonic() - begun:.0f} s, with two video workers")
    expect(stack.ask("GET", "/health")[0], 200, "GET /health")
    expect(stack.ask("GET", "/dramas", key="wrong")[0], 401, "GET /dramas with a wrong key")
    expect(stack.ask("GET", "/metrics")[0], 404, "GET /metrics from outside")
    _film(stack)
    dramas = stack.compose("exec", "-T", "gateway", "python", "-c", CALL).strip()
    expect(dramas, "1", "dramas listed by gRPC through the edge")


def _answers(stack: Stack) -> None:
    deadline = time.monotonic() + UP_SECONDS
    while True:
        try:
            status = stack.ask("GET", "/health")[0]
        except OSError as error:  # the edge has its port before it listens
            status, why = 0, str(error)
        else:
            why = str(status)
        if status == 200:
            return
        if time.monotonic() > deadline:
            raise WrongError(f"/health after {UP_SECONDS} s: {why}")
        time.sleep(POLL_SECONDS)


def _film(stack: Stack) -> None:
    begun = time.monotonic()
    made = _accepted(stack, "/dramas", {"premise": PREMISE})
    drama = str(made["dramaId"])
    _finished(stack, f"/dramas/{drama}/jobs/{made['jobId']}")
    print(f"{drama} written in {time.monotonic() - begun:.0f} s")
    episode = _object(stack.ask("GET", f"/dramas/{drama}"))["episodes"]
    first = episode[0]["id"] if isinstance(episode, list) and isinstance(episode[0], dict) else ""
    begun = time.monotonic()
    run = _accepted(stack, f"/dramas/{drama}/execute", {"episodes": [first]})
    _finished(stack, f"/dramas/{drama}/jobs/{run['parent_job_id']}")
    url = _film_url(_object(stack.ask("GET", f"/dramas/{drama}")), str(first))
    status, film = stack.ask("GET", url.removeprefix(stack.base))
    expect(status, 200, "the film")
    if film[4:8] != b"ftyp":
        raise WrongError(f"the film of {first} is not an MP4: {film[:16]!r}")
    print(f"{first} filmed in {time.monotonic() - begun:.0f} s: {len(film)} bytes of MP4 through the edge")


def _film_url(drama: dict[str, Json], episode_id: str) -> str:
    episodes = drama["episodes"]
    for episode in episodes if isinstance(episodes, list) else []:
        if isinstance(episode, dict) and episode["id"] == episode_id and episode.get("url"):
            return str(episode["url"])
    raise WrongError(f"{episode_id} has no film")


def _accepted(stack: Stack, path: str, body: dict[str, Json]) -> dict[str, Json]:
    status, text = stack.ask("POST", path, body)
    if status not in (200, 202):
        raise WrongError(f"POST {path}: {status} {text[:300]!r}")
    return _object((status, text))


def _finished(stack: Stack, path: str) -> None:
    deadline = time.monotonic() + FILM_SECONDS
    while time.monotonic() < deadline:
        job = _object(stack.ask("GET", path))
        if job["status"] == "completed":
            return
        if job["status"] == "failed":
            raise WrongError(f"{path}: {job.get('error')}")
        time.sleep(POLL_SECONDS)
    raise WrongError(f"{path}: not done in {FILM_SECONDS} s")


def _object(answer: tuple[int, bytes]) -> dict[str, Json]:
    parsed: Json = json.loads(answer[1])
    if not isinstance(parsed, dict):
        raise WrongError(f"not an object: {answer[1][:200]!r}")
    return parsed


def expect(have: object, want: object, what: str) -> None:
    """Prints what was seen. Raises WrongError when it is not what was wanted."""
    if have != want:
        raise WrongError(f"{what}: {have}, not {want}")
    print(f"{what}: {have}")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [int(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()


if __name__ == "__main__":
    sys.exit(main())
