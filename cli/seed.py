"""`sfd seed`: example dramas for a running stack, through its REST API."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import httpx
import typer

from cli import common
from kit.jsonio import load_object
from stack import client, env_file

_TAKEN = (409, 412)


def seed(
    name: common.Name = "dev",
    execute: Annotated[bool, typer.Option("--execute", help="Also produce those that are new.")] = False,
) -> None:
    """Store a few example dramas. One that is there already stays as it is, whatever somebody made of it."""
    reply = client.status(common.layout(name))
    if reply is None:
        common.fail(f"{name} is not running: `sfd up` starts it")
    table = common.ports(reply)
    if not client.has_services(reply):
        common.fail(f"{name} runs its servers only: `sfd down` and `sfd up` start everything")
    with httpx.Client(base_url=f"http://127.0.0.1:{table['gateway']}", timeout=30, trust_env=False) as http:
        key = _key()
        if key:
            http.headers["X-API-Key"] = key
        for drama_id, text in examples().items():
            try:
                made = store(http, text)
                if made and execute:
                    _sound(http.post(f"/dramas/{drama_id}/execute", json={}))
            except httpx.HTTPError as error:
                common.fail(f"{drama_id} was not stored: {error}")
            typer.echo(f"{'stored  ' if made else 'is there'} {http.base_url}dramas/{drama_id}")


def examples() -> dict[str, str]:
    """Returns the JSON of every example drama, by its id."""
    found = sorted(files("cli").joinpath("seeds").iterdir(), key=lambda one: one.name)
    return {
        one.name.removesuffix(".json"): one.read_text(encoding="utf-8") for one in found if one.name.endswith(".json")
    }


def store(http: httpx.Client, text: str) -> bool:
    """Stores a drama unless its id is taken; returns whether it did. Raises httpx.HTTPError with the house's own words."""
    body = {"drama": load_object(text, "seed")}
    answer = http.post("/dramas", json=body, headers={"If-None-Match": "*"})
    if answer.status_code in _TAKEN:
        return False
    _sound(answer)
    return True


def _sound(answer: httpx.Response) -> None:
    if answer.is_error:
        raise httpx.HTTPStatusError(
            f"{answer.status_code} {answer.text[:500]}", request=answer.request, response=answer
        )


def _key() -> str:
    """Returns the first service key of the installation; empty when the gateway is open to this machine."""
    keys = os.environ.get("API_KEYS") or env_file.read(Path.cwd() / ".env").get("API_KEYS", "")
    return keys.split(",")[0].strip()
