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


def cover(
    title: str,
    tagline: str,
    cast: Sequence[CharacterSpec],
    everybody: Sequence[CharacterSpec],
    seed: int,
    wish: str = "",
) -> Picture:
    """Returns the cover with its title, everybody looking as in their portrait; the same for the same arguments.

    `wish` is a person's own words, from which the mood is taken before the title's.
    """
    from kit.media.illustration import draw_cover

    with span("model.paint.cover"):
        drawn = draw_cover(
            title, tagline, tuple(cast), everybody=tuple(everybody), seed=seed, wish=wish, width=WIDTH, height=HEIGHT
        )
        return checked(drawn)


def storyboard(scene: SceneSpec, everybody: Sequence[CharacterSpec]) -> Picture:
    """Returns a scene's key frame, everybody looking as in their portrait; the same for the same arguments."""
    from kit.media.illustration import draw_storyboard

    with span("model.paint.storyboard", scene=scene.id):
        return checked(draw_storyboard(scene, cast=tuple(everybody), width=WIDTH, height=HEIGHT))
