"""The local painter's work, as plain functions for a subprocess; what is heavy is imported inside."""

from __future__ import annotations

from collections.abc import Sequence

from kit.media.specs import CharacterSpec, SceneSpec
from kit.telemetry import span
from services.imaging.fitting import HEIGHT, WIDTH, Picture, checked


def portrait(who: CharacterSpec, cast: Sequence[CharacterSpec], style: str, seed: int) -> Picture:
    """Returns a character's portrait, unlike anybody else's in the cast; the same for the same arguments."""
    from kit.media.illustration import draw_portrait

    with span("model.paint.portrait", character=who.id):
        return checked(draw_portrait(who, cast=tuple(cast), style=style, seed=seed, width=WIDTH, height=HEIGHT))


def cover(title: str, tagline: str, cast: Sequence[CharacterSpec], style: str, seed: int) -> Picture:
    """Returns the cover with its title; the same for the same arguments."""
    from kit.media.illustration import draw_cover

    with span("model.paint.cover"):
        return checked(draw_cover(title, tagline, tuple(cast), seed=seed, width=WIDTH, height=HEIGHT))


def storyboard(scene: SceneSpec) -> Picture:
    """Returns a scene's key frame; the same for the same scene."""
    from kit.media.illustration import draw_storyboard

    with span("model.paint.storyboard", scene=scene.id):
        return checked(draw_storyboard(scene, width=WIDTH, height=HEIGHT))
