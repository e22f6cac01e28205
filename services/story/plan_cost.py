"""What each kind of job costs, and how long it takes, by the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kit.providers.catalogue import Kind, Model, price, typical_seconds
from kit.providers.dramas import drama_price, ordered_seconds
from services.story.crew import Crew

SCENES_UNITS: Mapping[str, int] = {"input_tokens": 4_000, "output_tokens": 8_000}
"""What writing the scenes of one episode is expected to take."""
FEWEST_SCENES, USUAL_SCENES, MOST_SCENES = 3, 4, 5
"""Writers write three to five scenes an episode."""


@dataclass(frozen=True)
class Cost:
    """Who does it, for how much and in how long: nano-USD of one attempt, expected and at least and at most, and seconds."""

    model: Model
    maker: Kind
    expected: int = 0
    least: int = 0
    most: int = 0
    seconds: float = 0.0


def cost_of(crew: Crew, kind: str, *, seconds: int, clips: int) -> Cost:
    """Returns who of a crew does a kind of job, for how much and in how long. `seconds` is the length of a film."""
    if kind == "story.scenes":
        writer, output = crew.writer, SCENES_UNITS["output_tokens"]
        took = typical_seconds(writer, calls=1, **SCENES_UNITS)
        # What a writer writes grows with the number of scenes.
        few = {**SCENES_UNITS, "output_tokens": output * FEWEST_SCENES // USUAL_SCENES}
        many = {**SCENES_UNITS, "output_tokens": output * MOST_SCENES // USUAL_SCENES}
        return Cost(writer, "text", price(writer, **SCENES_UNITS), price(writer, **few), price(writer, **many), took)
    if kind == "video.assemble":
        return Cost(crew.joiner, "video", seconds=typical_seconds(crew.joiner, clips=clips))
    if kind.startswith("imaging."):
        return _fixed(crew.painter, "image", price(crew.painter, images=1), typical_seconds(crew.painter, images=1))
    took = typical_seconds(crew.filmer, seconds=ordered_seconds(crew.filmer, seconds))
    return _fixed(crew.filmer, "video", drama_price(crew.filmer, seconds), took)


def _fixed(model: Model, maker: Kind, money: int, seconds: float) -> Cost:
    return Cost(model, maker, money, money, money, seconds)
