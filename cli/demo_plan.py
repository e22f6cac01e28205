"""What a vendor's demo would do and cost, and the question whether to do it."""

from __future__ import annotations

import os
import sys

import typer

from cli import common
from kit.providers.catalogue import price, resolve

# What the local writer and the vendors' prompts usually make; said to be an estimate.
CAST, SCENES, SECONDS = 5, 4, 10
_KEYS = {"openai": "OPENAI_API_KEY", "gemini": "GEMINI_API_KEY"}
NANO = 1_000_000_000


def agree(provider: str, episodes: int, yes: bool) -> None:
    """Shows plan and price and asks; ends the command with code 2 without a key or without a yes."""
    if not os.environ.get(_KEYS[provider]):
        common.say(f"{_KEYS[provider]} is not set, so {provider} cannot be used.")
        raise typer.Exit(2)
    total = 0
    common.say(f"Plan with {provider} (an estimate; the bill is settled by what the vendor reports):")
    for what, count, model, nano in _lines(provider, episodes):
        total += count * nano
        common.say(f"  {count:3} x {what:<12} {model:<36} ${nano * count / NANO:8.4f}")
    common.say(f"  in all about ${total / NANO:.2f}")
    if yes:
        return
    if not sys.stdin.isatty():
        common.say("Say YES=1 to spend it.")
        raise typer.Exit(2)
    if not typer.confirm("Go on?", default=False, err=True):
        raise typer.Exit(2)


def _lines(provider: str, episodes: int) -> list[tuple[str, int, str, int]]:
    writer = resolve("text", provider, "").model
    painter = resolve("image", provider, "").model
    filmer = resolve("video", provider if provider == "openai" else "local", "").model
    scenes = episodes * SCENES
    return [
        ("draft", 1, writer.name, price(writer, input_tokens=3_000, output_tokens=6_000)),
        ("scenes", episodes, writer.name, price(writer, input_tokens=4_000, output_tokens=4_000)),
        ("portraits", CAST, painter.name, price(painter, images=1)),
        ("cover", 1, painter.name, price(painter, images=1)),
        ("storyboards", scenes, painter.name, price(painter, images=1)),
        ("clips", scenes, filmer.name, price(filmer, seconds=SECONDS) if filmer.vendor != "local" else 0),
    ]
