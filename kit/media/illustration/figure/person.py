"""A whole person: the parts in drawing order."""

from __future__ import annotations

from dataclasses import dataclass

from kit.media.illustration.figure.animals import animal_svg
from kit.media.illustration.figure.clothes import clothes_svg
from kit.media.illustration.figure.face import face_svg, nose_svg
from kit.media.illustration.figure.hair import hair_svg
from kit.media.illustration.figure.head import beard_svg, glasses_svg, head_svg, headwear_svg, jewels_svg, neck_svg
from kit.media.illustration.layers import Face
from kit.media.illustration.look import Look


PIVOT = 700.0
"""How far below the eyes a figure bends, in units."""


@dataclass(frozen=True)
class Pose:
    """How a figure stands: `tilt` of the head in degrees, `turn` of the face (-1 looks to the left .. 1 to the right), `lean` of the body in
    degrees, `lower` sinks the head into the shoulders (units)."""

    tilt: float = 0.0
    turn: float = 0.0
    lean: float = 0.0
    lower: float = 0.0


def person_svg(look: Look, face: Face, pose: Pose) -> str:
    """Return the figure as an SVG group whose origin is the middle of the eyes of an upright head."""
    hair = hair_svg(look)
    shift = pose.turn * 9
    squeeze = 1 - abs(pose.turn) * 0.06
    moving = nose_svg(look) + face_svg(look, face)
    head = f"rotate({pose.tilt} 0 130) translate(0 {pose.lower})"
    features = f"translate({shift:.1f} 0) scale({squeeze:.3f} 1)"
    return (
        f'<g transform="rotate({pose.lean} 0 {PIVOT:.0f})">'
        f'<g transform="{head}">{hair.back}</g>'
        + f'<g transform="translate(0 {-26 if look.age == "child" else -14})">{neck_svg(look)}{clothes_svg(look)}</g>'
        + f'<g transform="{head}">{head_svg(look)}<g transform="{features}">{beard_svg(look)}{moving}{glasses_svg(look)}</g>'
        f'<g transform="translate({shift * 0.35:.1f} 0)">{hair.front}{headwear_svg(look)}</g>{jewels_svg(look)}{hair.over}</g></g>'
    )


def figure_svg(look: Look, face: Face, pose: Pose) -> str:
    """Return a person or an animal, whichever the look is of."""
    if look.species == "human":
        return person_svg(look, face, pose)
    return f'<g transform="rotate({pose.lean} 0 {PIVOT:.0f})">{animal_svg(look, face, pose.tilt, pose.turn)}</g>'
