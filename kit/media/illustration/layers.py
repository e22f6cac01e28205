"""What a film maker gets of one scene: pictures to be put over each other, and faces to be changed while somebody speaks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

MOUTHS = ("closed", "small", "open", "wide", "round", "teeth")
EYES = ("open", "closed")


class Face(NamedTuple):
    """One state of a face: an emotion of `kit.media.specs.EMOTIONS`, a mouth of `MOUTHS`, eyes of `EYES`."""

    emotion: str
    mouth: str
    eyes: str


@dataclass(frozen=True)
class ActorLayer:
    """One actor, lit for the scene.

    `body` is an RGBA PNG with the face of the actor's first emotion, mouth closed and eyes open; its top left corner stands at `x`, `y` of
    the frame. It may hang over the frame's left, right and lower edge by a few percent, so that it can sway without showing a cut.
    `patches` are RGBA PNGs of one size, to be put at `patch_x`, `patch_y` of the frame; they are opaque wherever any face differs
    from another one, so any patch hides any other. `scale` tells how near the actor is (1.0: a head fills a fifth of the frame's height).
    """

    character_id: str
    body: bytes
    x: int
    y: int
    patches: dict[Face, bytes]
    patch_x: int
    patch_y: int
    scale: float = 1.0


@dataclass(frozen=True)
class Grade:
    """The mood of the scene's light, for whoever makes titles, captions or transitions that should fit it.

    Colours are `#rrggbb`: `key` is the main light, `shade` the darkest tone, `accent` the most lively one. `setting`, `time` and `weather`
    are the names chosen from the scene's description.
    """

    setting: str
    time: str
    weather: str
    key: str
    shade: str
    accent: str


@dataclass(frozen=True)
class SceneLayers:
    """A scene taken apart.

    `background` is an RGB PNG of `background_scale` times the frame's size, the frame lies in its middle; then come `actors` from back to
    front, then `foreground` (RGBA PNG of the frame's size: furniture, weather in front, vignette). Put together they are the storyboard.
    """

    width: int
    height: int
    background: bytes
    background_scale: float
    actors: tuple[ActorLayer, ...]
    foreground: bytes | None
    grade: Grade
    framing: str = field(default="two-shot")
