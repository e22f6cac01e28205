"""What a vendor's demo would do and cost, and the question whether to do it.

The creation is priced by the catalogue, because nothing is planned before there is a drama. The production is priced by the house's own
planner, on an outline with as many episodes that is stored for this alone and removed again.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import grpc
import typer

from cli import common
from cli.demo_api import DemoApi, Json
from cli.demo_house import Instance
from kit.context import Caller, Role
from kit.identity import DEFAULT_ACCOUNT_ID, Signer
from kit.providers.catalogue import load, price
from kit.rpc.client import channel
from sfd.story.v1 import story_pb2, story_service_pb2, story_service_pb2_grpc

NANO = 1_000_000_000
CAST, SCENES = 5, 4
DRAFT_UNITS = {"input_tokens": 3_000, "output_tokens": 6_000}
CEILING = 1.5
"""A production may cost this much more than planned before it is stopped: writers write three to five scenes."""
_NAMES = {
    "imaging.portrait": "portraits",
    "story.scenes": "scenes",
    "imaging.storyboard": "storyboards",
    "video.clip": "clips",
    "video.assemble": "episodes",
}


@dataclass(frozen=True)
class Line:
    """One line of a plan: how many of what, by which model, for how many nano-USD in all."""

    what: str
    count: str
    model: str
    nano_usd: int


def cast_of(provider: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Returns who writes, draws and films. Gemini makes no films: the OpenAI-shaped host does if it is set up, else the house."""
    if provider == "gemini":
        host = settings.get("SORA_API_KEY") or settings.get("SORA_API_BASE")
        return {"writer": "gemini", "painter": "gemini", "filmer": "openai" if host else "local"}
    return {"writer": provider, "painter": provider, "filmer": provider}


def missing_key(cast: Mapping[str, str], settings: Mapping[str, str]) -> str:
    """Returns the variable without which this cast cannot work; empty when nothing is missing."""
    for role, vendor in cast.items():
        names = [f"{vendor.upper()}_API_KEY"] + (["SORA_API_KEY"] if role == "filmer" else [])
        if vendor != "local" and not any(settings.get(name) for name in names):
            return names[-1] if role == "filmer" else names[0]
    return ""


async def production_plan(
    instance: Instance, drama_id: str, cast: Mapping[str, str]
) -> story_service_pb2.PlanProductionResponse:
    """Returns what the house's planner says of a drama; raises SfdError."""
    signer = Signer(instance.env["SFD_INTERNAL_SECRET"])
    caller = Caller(DEFAULT_ACCOUNT_ID, Role.ACCOUNT)
    connection: grpc.aio.Channel
    async with channel(instance.story, signer, default=caller) as connection:
        stub = story_service_pb2_grpc.StoryServiceStub(connection)
        options = story_pb2.Options(cast=story_pb2.Cast(**cast))
        reply: story_service_pb2.PlanProductionResponse = await stub.PlanProduction(
            story_service_pb2.PlanProductionRequest(drama_id=drama_id, options=options), timeout=30, wait_for_ready=True
        )
        return reply


def plan(api: DemoApi, instance: Instance, premise: str, episodes: int, cast: Mapping[str, str]) -> list[Line]:
    """Returns the lines of the whole demo; raises SfdError and DemoFailedError."""
    outline = _outline(premise, episodes)
    api.put(outline)
    try:
        steps = asyncio.run(production_plan(instance, outline["id"], cast)).steps
    finally:
        api.delete(outline["id"])
    catalogue = load(instance.env.get("SFD_CATALOGUE", ""))
    writer = catalogue.resolve("text", cast["writer"]).model
    painter = catalogue.resolve("image", cast["painter"]).model
    return [
        Line("draft", "1", writer.name, price(writer, **DRAFT_UNITS)),
        Line("cover", "1", painter.name, price(painter, images=1)),
        *_lines(steps),
    ]


def show(lines: Iterable[Line], provider: str) -> float:
    """Prints the plan and its price; returns the price in USD."""
    total = 0
    common.say(f"The plan with {provider} (estimated; what is paid in the end is what the vendor reports):")
    for line in lines:
        total += line.nano_usd
        common.say(f"  {line.count:>4} {line.what:<12} {line.model:<34} ${line.nano_usd / NANO:8.4f}")
    common.say(f"  {'':>4} {'in all':<12} {'':<34} ${total / NANO:8.4f}")
    return total / NANO


def agree(yes: bool) -> None:
    """Asks whether to spend it; ends the command with code 2 without a yes."""
    if yes:
        return
    if not sys.stdin.isatty():
        common.say("Nothing was bought. YES=1 agrees to this price where nobody can be asked.")
        raise typer.Exit(2)
    if not typer.confirm("Spend it?", default=False, err=True):
        common.say("Nothing was bought.")
        raise typer.Exit(2)


def _lines(steps: Iterable[story_service_pb2.PlannedStep]) -> list[Line]:
    found: dict[str, list[story_service_pb2.PlannedStep]] = {}
    for step in steps:
        found.setdefault(step.kind, []).append(step)
    return [
        Line(
            _NAMES.get(kind, kind),
            # The planner puts an episode's storyboards and clips into one step each while its scenes are not written.
            f"~{SCENES * len(ones)}" if kind in ("imaging.storyboard", "video.clip") else str(len(ones)),
            ones[0].model,
            sum(step.price_nano_usd for step in ones),
        )
        for kind, ones in found.items()
    ]


def _outline(premise: str, episodes: int) -> Json:
    """Returns a drama of which only the size matters."""
    person = {"description": "Somebody.", "gender": "other", "voice_description": "Calm.", "main": True}
    return {
        "id": f"outline_{secrets.token_hex(6)}",
        "title": "Outline",
        "description": premise,
        "premise": premise,
        "characters": [{"id": f"c{n}", "name": f"Somebody {n}", **person} for n in range(1, CAST + 1)],
        "episodes": [{"id": f"ep{n:02d}", "title": f"{n}", "description": ""} for n in range(1, episodes + 1)],
    }
