"""The local illustrator: portraits, covers, storyboards and film layers, drawn offline from words, the same for the same seed.

Importing this package imports numpy, Pillow and resvg; services therefore import it only inside the functions that they hand to
`kit.cpu.run`.
"""

from __future__ import annotations

from kit.media.illustration.compose import draw_storyboard, scene_layers
from kit.media.illustration.cover import draw_cover
from kit.media.illustration.layers import EYES, MOUTHS, ActorLayer, Face, Grade, SceneLayers
from kit.media.illustration.look import Look
from kit.media.illustration.looks import look_for, looks_for
from kit.media.illustration.portrait import draw_portrait

__all__ = [
    "EYES", "MOUTHS", "ActorLayer", "Face", "Grade", "Look", "SceneLayers",
    "draw_cover", "draw_portrait", "draw_storyboard", "look_for", "looks_for", "scene_layers",
]  # fmt: skip
